import * as tf from '@tensorflow/tfjs';
import { gatherPositions } from './gather.ts';
import { InputError } from './input-error.ts';
import type { Stepper } from './operator.ts';
import { blockOf, checkVisibility, countVisible } from './positions.ts';
import { joinCells, propagateOutwards } from './propagate.ts';
import type { Axis, Extent, Side, Steps } from './propagate.ts';
import { checkChoice, checkShape } from './shape.ts';
import type { BlockVisibility, Visibility } from './visibility.ts';

/** `xy`: along the rows of the block first, then along every column; `yx`: the other way; `mean`: the mean of both. */
export const routes = ['xy', 'yx', 'mean'] as const;
export type Route = (typeof routes)[number];

/** `stepwise`: each cell from its neighbour; `blockwise`: each from the cell congruent modulo the block's size. */
export const modes = ['stepwise', 'blockwise'] as const;
export type Mode = (typeof modes)[number];

/**
 * The operators of one axis. `tied`: one, with −Δ against the axis, as the equation says; `free`: one for each direction,
 * each with +Δ.
 */
export type AxisOperators =
  | { readonly direction: 'tied'; readonly both: Stepper }
  | { readonly direction: 'free'; readonly before: Stepper; readonly after: Stepper };

/** The operators of a grid; a grid of height 1 needs no `y`, one of width 1 no `x`. */
export interface GridOperators {
  readonly x?: AxisOperators;
  readonly y?: AxisOperators;
}

export interface ExtrapolateOptions {
  readonly mode?: Mode;
  readonly route?: Route;
}

/**
 * Extrapolates the features of a visible block over the whole grid by linear maps.
 *
 * z(x + Δx, y) = M_x(Δx) z(x, y), z(x, y + Δy) = M_y(Δy) z(x, y)
 *
 * `stepwise` has Δ = 1 and starts from the block's edge. `blockwise` has Δ = the block's width or height, and takes each
 * cell from the one at the same place within the next block: on a 16×16 grid with an 8×8 block in the corner, (3, 2) gives
 * (11, 2), (3, 10) and (11, 10). QB-Heat, arXiv 2211.13228, section 3.
 *
 * Cost: one `[dim, dim]` product for each masked cell, forward, and two backward; the route `mean` does the cells diagonal
 * to the block twice. With a block position per sample every sample is extended by the most that any position needs, to
 * both sides, and cropped, so that shapes never depend on the positions drawn: twice the products, four times for `mean`.
 *
 * @param features float32 `[batch, numVisible, dim]`, raster order.
 * @param visibility an `InputError` is thrown unless it is a block.
 * @returns float32 `[batch, height * width, dim]`, raster order, visible features unchanged. The caller disposes it.
 */
export function extrapolate2d(
  features: tf.Tensor3D,
  visibility: Visibility,
  operators: GridOperators,
  { mode = 'stepwise', route = 'xy' }: ExtrapolateOptions = {},
): tf.Tensor3D {
  const { grid, batchSize, blocks } = requireBlock('extrapolate2d', visibility);
  const numVisible = countVisible(visibility);
  checkShape('extrapolate2d', 'features', features, ['batch', 'numVisible', 'dim'], [batchSize, numVisible, null]);
  const dim = features.shape[2];
  const { height, width } = blockOf(blocks, 0);
  checkChoice('extrapolate2d', 'mode', mode, modes);
  checkChoice('extrapolate2d', 'route', route, routes);

  return tf.tidy(() => {
    const block = features.reshape<tf.Tensor4D>([batchSize, height, width, dim]);
    const alongX = planAxis('x', grid.width, width, operators.x);
    const alongY = planAxis('y', grid.height, height, operators.y);
    const full = route === 'mean' ? meanOfRoutes(block, alongX, alongY) : followRoute(block, route, alongX, alongY);
    return full.reshape<tf.Tensor3D>([batchSize, grid.height * grid.width, dim]);
  });

  // How regions are extended along one axis from the block's size to the grid's.
  function planAxis(axis: Axis, gridSize: number, size: number, axisOperators: AxisOperators | undefined): AxisPlan {
    const missing = gridSize - size;
    if (missing === 0) return { axis, steps: { before: null, after: null }, extent: noExtent, crop: null };
    if (axisOperators === undefined) {
      throw new InputError(`extrapolate2d: operators.${axis} is missing, to go from ${size} to ${gridSize} cells`);
    }
    checkDim(axisOperators, dim);
    const starts = blocks.map((block) => (axis === 'x' ? block.left : block.top));
    const isShared = starts.length === 1;
    const before = isShared ? starts[0]! : missing;
    const after = isShared ? missing - before : missing;
    const extent = { before, after, jump: mode === 'stepwise' ? 1 : size };
    const crop = isShared ? null : { starts: starts.map((start) => missing - start), size: gridSize };
    return { axis, steps: makeSteps(axisOperators, extent), extent, crop };
  }
}

interface AxisPlan {
  readonly axis: Axis;
  readonly steps: Steps;
  readonly extent: Extent;
  /** Where each sample's cells lie in what was extended for all of them; null where one block is shared. */
  readonly crop: { readonly starts: readonly number[]; readonly size: number } | null;
}

const noExtent: Extent = { before: 0, after: 0, jump: 1 };

function followRoute(block: tf.Tensor4D, route: 'xy' | 'yx', alongX: AxisPlan, alongY: AxisPlan): tf.Tensor4D {
  return route === 'xy' ? extend(extend(block, alongX), alongY) : extend(extend(block, alongY), alongX);
}

function extend(z: tf.Tensor4D, { axis, steps, extent, crop }: AxisPlan): tf.Tensor4D {
  const { before, region, after } = propagateOutwards(z, axis, steps, extent);
  const extended = joinCells([...before, ...region, ...after], axis);
  return crop === null ? extended : cropWindows(extended, axis, crop.starts, crop.size);
}

// Both routes agree beside the block and above and below it, so that only the cells diagonal to it are done twice.
function meanOfRoutes(block: tf.Tensor4D, alongX: AxisPlan, alongY: AxisPlan): tf.Tensor4D {
  if (alongX.crop !== null || alongY.crop !== null) {
    return followRoute(block, 'xy', alongX, alongY)
      .add<tf.Tensor4D>(followRoute(block, 'yx', alongX, alongY))
      .div(2);
  }
  const outwards = (z: tf.Tensor4D | null, { axis, steps, extent }: AxisPlan): Record<Side, tf.Tensor4D | null> => {
    if (z === null) return { before: null, after: null };
    const { before, after } = propagateOutwards(z, axis, steps, extent);
    return { before: joinPresent(before, axis), after: joinPresent(after, axis) };
  };
  const sides = outwards(block, alongX);
  const ends = outwards(block, alongY);
  const besideLeft = outwards(sides.before, alongY);
  const besideRight = outwards(sides.after, alongY);
  const outerRow = (side: Side): tf.Tensor4D | null => {
    const middle = ends[side];
    if (middle === null) return null;
    const { before, after } = outwards(middle, alongX);
    return joinPresent([meanOf(before, besideLeft[side]), middle, meanOf(after, besideRight[side])], 'x');
  };
  const blockRows = joinPresent([sides.before, block, sides.after], 'x');
  return joinPresent([outerRow('before'), blockRows, outerRow('after')], 'y') ?? block;
}

function joinPresent(pieces: readonly (tf.Tensor4D | null)[], axis: Axis): tf.Tensor4D | null {
  const present = pieces.filter((piece) => piece !== null);
  return present.length === 0 ? null : joinCells(present, axis);
}

function meanOf(a: tf.Tensor4D | null, b: tf.Tensor4D | null): tf.Tensor4D | null {
  return a === null || b === null ? null : a.add<tf.Tensor4D>(b).div(2);
}

function checkDim(operators: AxisOperators, dim: number): void {
  const steppers = operators.direction === 'tied' ? [operators.both] : [operators.before, operators.after];
  for (const stepper of steppers) {
    if (stepper.dim === dim) continue;
    throw new InputError(`extrapolate2d: operators must be of dim ${dim} as the features are, got ${stepper.dim}`);
  }
}

/** The steps of both directions of an axis, made where cells are added there. */
function makeSteps(operators: AxisOperators, { before, after, jump }: Extent): Steps {
  const [towardsStart, towardsEnd] =
    operators.direction === 'tied' ? [operators.both, operators.both] : [operators.before, operators.after];
  return {
    before: before > 0 ? towardsStart.step(operators.direction === 'tied' ? -jump : jump) : null,
    after: after > 0 ? towardsEnd.step(jump) : null,
  };
}

// A window of `size` cells along one axis, from a place of its own in each sample.
function cropWindows(z: tf.Tensor4D, axis: Axis, starts: readonly number[], size: number): tf.Tensor4D {
  const [batchSize, height, width, dim] = z.shape;
  const [newHeight, newWidth] = axis === 'x' ? [height, size] : [size, width];
  const indices = new Int32Array(batchSize * newHeight * newWidth);
  let next = 0;
  for (const start of starts) {
    const [top, left] = axis === 'x' ? [0, start] : [start, 0];
    for (let row = top; row < top + newHeight; row++) {
      for (let column = left; column < left + newWidth; column++) indices[next++] = row * width + column;
    }
  }
  const cells = gatherPositions(z.reshape([batchSize, height * width, dim]), indices, newHeight * newWidth);
  return cells.reshape([batchSize, newHeight, newWidth, dim]);
}

/** The visibility as a block; throws an `InputError` where the visible positions are scattered. */
function requireBlock(operation: string, visibility: Visibility): BlockVisibility {
  checkVisibility(visibility);
  if (visibility.kind === 'block') return visibility;
  throw new InputError(
    `${operation}: the visible positions must be one contiguous block, got scattered ones; 'harmonic' takes any mask`,
  );
}
