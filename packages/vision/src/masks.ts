import { InputError } from '@qb-heat/core';
import type { Block, BlockVisibility, Grid, ScatteredVisibility, Visibility } from '@qb-heat/core';
import type { Random } from '@qb-heat/training';

const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
const edges = ['top', 'bottom', 'left', 'right'] as const;
const fixedPositions = ['center', ...corners, ...edges] as const;

/**
 * Where the visible block lies: at a named place in every image, or drawn for each image: `corner` from the four
 * corners, `edge` from the four middles of the sides, `random` from all places where it fits.
 */
export const blockPositions = [...fixedPositions, 'corner', 'edge', 'random'] as const;

export type BlockPosition = (typeof blockPositions)[number];

type FixedPosition = (typeof fixedPositions)[number];

/** Which patches the encoder sees. */
export type MaskSpec =
  | {
      readonly kind: 'block';
      readonly position: BlockPosition;
      /** Height and width of the block in patches; by default half the grid's, a quarter of its area. */
      readonly height?: number | undefined;
      readonly width?: number | undefined;
    }
  | {
      readonly kind: 'random';
      /** Share of the patches that are masked, between 0 and 1. */
      readonly ratio: number;
    }
  /** Nothing is masked: the plain autoencoder. */
  | { readonly kind: 'none' };

/** Draws which patches of a batch are visible. */
export type MaskSampler = (batchSize: number, random: Random) => Visibility;

/**
 * A sampler of masks on one grid. The number of visible patches is the same in every image and batch.
 *
 * @throws InputError if the block doesn't fit the grid, or the ratio leaves nothing visible or nothing masked.
 */
export function createMaskSampler(spec: MaskSpec, grid: Grid): MaskSampler {
  switch (spec.kind) {
    case 'block':
      return createBlockSampler(spec, grid);
    case 'random':
      return createRandomSampler(spec.ratio, grid);
    case 'none':
      return (batchSize) => fullVisibility(grid, batchSize);
  }
}

/** One block that covers the grid: everything is visible. */
export function fullVisibility(grid: Grid, batchSize: number): BlockVisibility {
  return { kind: 'block', grid, batchSize, blocks: [{ top: 0, left: 0, height: grid.height, width: grid.width }] };
}

function createBlockSampler(spec: MaskSpec & { kind: 'block' }, grid: Grid): MaskSampler {
  const height = spec.height ?? halfOf(grid.height);
  const width = spec.width ?? halfOf(grid.width);
  for (const [name, length, available] of [
    ['height', height, grid.height],
    ['width', width, grid.width],
  ] as const) {
    if (!(Number.isInteger(length) && length >= 1 && length <= available)) {
      throw new InputError(
        `mask.${name}: a block of ${height}×${width} patches does not fit the grid of ${grid.height}×${grid.width}`,
      );
    }
  }
  if (height === grid.height && width === grid.width) {
    throw new InputError(`mask: a block of ${height}×${width} patches is the whole grid and leaves nothing to predict`);
  }
  const candidates = listBlocks(spec.position, grid, height, width);
  return (batchSize, random): BlockVisibility => ({
    kind: 'block',
    grid,
    batchSize,
    blocks:
      candidates.length === 1
        ? candidates
        : Array.from({ length: batchSize }, () => candidates[random.integer(candidates.length)]!),
  });
}

/** The blocks that a position lets the sampler choose from. */
function listBlocks(position: BlockPosition, grid: Grid, height: number, width: number): Block[] {
  switch (position) {
    case 'corner':
      return corners.map((corner) => placeBlock(corner, grid, height, width));
    case 'edge':
      return edges.map((edge) => placeBlock(edge, grid, height, width));
    case 'random':
      return Array.from({ length: grid.height - height + 1 }, (_, top) =>
        Array.from({ length: grid.width - width + 1 }, (__, left) => ({ top, left, height, width })),
      ).flat();
    default:
      return [placeBlock(position, grid, height, width)];
  }
}

function placeBlock(position: FixedPosition, grid: Grid, height: number, width: number): Block {
  const bottom = grid.height - height;
  const right = grid.width - width;
  const top = position.startsWith('top') ? 0 : position.startsWith('bottom') ? bottom : Math.floor(bottom / 2);
  const left = position.endsWith('left') ? 0 : position.endsWith('right') ? right : Math.floor(right / 2);
  return { top, left, height, width };
}

/** Half a length; of the two halves of an odd one the odd one, which can lie exactly in the middle. */
function halfOf(length: number): number {
  const half = Math.floor(length / 2);
  return length % 2 === 1 && half % 2 === 0 ? half + 1 : half;
}

function createRandomSampler(ratio: number, grid: Grid): MaskSampler {
  const numPositions = grid.height * grid.width;
  const numVisible = Math.round(numPositions * (1 - ratio));
  if (!(numVisible >= 1 && numVisible < numPositions)) {
    throw new InputError(
      `mask.ratio: ${ratio} of ${numPositions} patches leaves ${numVisible} visible; ` +
        `at least one has to be visible and one masked`,
    );
  }
  return (batchSize, random): ScatteredVisibility => {
    const indices = new Int32Array(batchSize * numVisible);
    for (let sample = 0; sample < batchSize; sample++) {
      indices.set(random.sample(numPositions, numVisible).toSorted(), sample * numVisible);
    }
    return { kind: 'scattered', grid, batchSize, numVisible, indices };
  };
}
