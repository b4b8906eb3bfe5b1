import type { Grid } from './grid.ts';
import { InputError } from './input-error.ts';
import { checkCount } from './shape.ts';
import type { Block, Visibility } from './visibility.ts';

/** Positions of a grid: height × width. */
export function countPositions(grid: Grid): number {
  return grid.height * grid.width;
}

/** Visible positions per sample. */
export function countVisible(visibility: Visibility): number {
  if (visibility.kind === 'scattered') return visibility.numVisible;
  const { height, width } = firstBlock(visibility.blocks);
  return height * width;
}

/** Masked positions per sample. */
export function countMasked(visibility: Visibility): number {
  return countPositions(visibility.grid) - countVisible(visibility);
}

/** The visible block of one sample. */
export function blockOf(blocks: readonly Block[], sample: number): Block {
  return blocks[blocks.length === 1 ? 0 : sample] ?? firstBlock(blocks);
}

/**
 * Throws an `InputError` unless the visibility is one that fills can take: a grid of at least one cell, blocks of one
 * size inside it (one, or one per sample), or indices inside it, ascending, `numVisible` per sample.
 */
export function checkVisibility(visibility: Visibility): void {
  const { grid, batchSize } = visibility;
  checkCount('visibility', 'grid height', grid.height, 1);
  checkCount('visibility', 'grid width', grid.width, 1);
  checkCount('visibility', 'batchSize', batchSize, 1);
  if (visibility.kind === 'block') checkBlocks(visibility.blocks, grid, batchSize);
  else checkIndices(visibility.indices, visibility.numVisible, grid, batchSize);
}

/**
 * Raster indices (`row * width + column`) of the visible positions, ascending within a sample.
 *
 * @returns int32 `[batchSize, numVisible]`; the visibility's own array where it is scattered: don't write to it.
 */
export function visibleIndices(visibility: Visibility): Int32Array {
  if (visibility.kind === 'scattered') return visibility.indices;
  const { grid, batchSize, blocks } = visibility;
  const numVisible = countVisible(visibility);
  const indices = new Int32Array(batchSize * numVisible);
  for (let sample = 0, next = 0; sample < batchSize; sample++) {
    const block = blockOf(blocks, sample);
    for (let row = block.top; row < block.top + block.height; row++) {
      for (let column = block.left; column < block.left + block.width; column++) {
        indices[next++] = row * grid.width + column;
      }
    }
  }
  return indices;
}

/**
 * Raster indices of the masked positions, ascending within a sample.
 *
 * @returns int32 `[batchSize, numMasked]`.
 */
export function maskedIndices(visibility: Visibility): Int32Array {
  const mask = visibilityMask(visibility);
  const numPositions = countPositions(visibility.grid);
  const indices = new Int32Array(visibility.batchSize * countMasked(visibility));
  let next = 0;
  for (let cell = 0; cell < mask.length; cell++) {
    if (mask[cell] === 1) indices[next++] = cell % numPositions;
  }
  return indices;
}

/**
 * The mask as loss functions want it: 1 where masked, 0 where visible.
 *
 * @returns float32 `[batchSize, height * width]`.
 */
export function visibilityMask(visibility: Visibility): Float32Array {
  const numPositions = countPositions(visibility.grid);
  const numVisible = countVisible(visibility);
  const mask = new Float32Array(visibility.batchSize * numPositions).fill(1);
  const visible = visibleIndices(visibility);
  for (let i = 0; i < visible.length; i++) {
    mask[Math.floor(i / numVisible) * numPositions + visible[i]!] = 0;
  }
  return mask;
}

/** How far apart two cells are: `chebyshev` max(|Δrow|, |Δcolumn|), `manhattan` |Δrow| + |Δcolumn|. */
export type Metric = 'chebyshev' | 'manhattan';

/**
 * Distance in cells of each position from the nearest visible one; 0 where visible.
 *
 * @returns int32 `[batchSize, height * width]`.
 */
export function distanceToVisible(visibility: Visibility, metric: Metric): Int32Array {
  const { grid, batchSize } = visibility;
  const numPositions = countPositions(grid);
  const numVisible = countVisible(visibility);
  const visible = visibleIndices(visibility);
  const distances = new Int32Array(batchSize * numPositions);
  for (let sample = 0; sample < batchSize; sample++) {
    const sources = visible.subarray(sample * numVisible, (sample + 1) * numVisible);
    distances.set(spreadDistance(grid, sources, metric), sample * numPositions);
  }
  return distances;
}

// Breadth first over 4 neighbours is the Manhattan distance, over 8 the Chebyshev one.
function spreadDistance(grid: Grid, sources: Int32Array, metric: Metric): Int32Array {
  const distances = new Int32Array(countPositions(grid)).fill(-1);
  const queue = new Int32Array(distances.length);
  let length = 0;
  for (const source of sources) {
    distances[source] = 0;
    queue[length++] = source;
  }
  for (let head = 0; head < length; head++) {
    const cell = queue[head]!;
    const row = Math.floor(cell / grid.width);
    const column = cell % grid.width;
    for (let y = Math.max(0, row - 1); y <= Math.min(grid.height - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(grid.width - 1, column + 1); x++) {
        const neighbour = y * grid.width + x;
        const isDiagonal = y !== row && x !== column;
        if (distances[neighbour] !== -1 || (isDiagonal && metric === 'manhattan')) continue;
        distances[neighbour] = distances[cell]! + 1;
        queue[length++] = neighbour;
      }
    }
  }
  return distances;
}

function checkBlocks(blocks: readonly Block[], grid: Grid, batchSize: number): void {
  if (blocks.length !== 1 && blocks.length !== batchSize) {
    throw new InputError(
      `visibility: blocks must hold 1 block or one per sample (batchSize = ${batchSize}), got ${blocks.length}`,
    );
  }
  const { height, width } = firstBlock(blocks);
  checkCount('visibility', 'block height', height, 1);
  checkCount('visibility', 'block width', width, 1);
  for (const block of blocks) {
    if (block.height !== height || block.width !== width) {
      throw new InputError(
        `visibility: the blocks of a batch must be of one size, got ${height}×${width} and ${block.height}×${block.width}`,
      );
    }
    checkCount('visibility', 'block top', block.top, 0);
    checkCount('visibility', 'block left', block.left, 0);
    if (block.top + height > grid.height || block.left + width > grid.width) {
      throw new InputError(
        `visibility: a block of ${height}×${width} at (${block.top}, ${block.left}) does not fit a grid of ${grid.height}×${grid.width}`,
      );
    }
  }
}

function checkIndices(indices: Int32Array, numVisible: number, grid: Grid, batchSize: number): void {
  checkCount('visibility', 'numVisible', numVisible, 1);
  if (indices.length !== batchSize * numVisible) {
    throw new InputError(
      `visibility: indices must be [batchSize, numVisible] = [${batchSize}, ${numVisible}], got ${indices.length} entries`,
    );
  }
  const numPositions = countPositions(grid);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    const previous = i % numVisible === 0 ? -1 : indices[i - 1]!;
    if (index <= previous || index >= numPositions) {
      throw new InputError(
        `visibility: indices must ascend within [0, ${numPositions}), got ${index} after ${previous} in sample ${Math.floor(i / numVisible)}`,
      );
    }
  }
}

function firstBlock(blocks: readonly Block[]): Block {
  const block = blocks[0];
  if (block === undefined) throw new InputError('visibility: blocks must hold at least 1 block, got none');
  return block;
}
