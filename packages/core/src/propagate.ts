import * as tf from '@tensorflow/tfjs';
import type { Step } from './operator.ts';
import { checkCount } from './shape.ts';

/** The side of the features on which new ones are added along an axis: towards index 0, or away from it. */
export type Side = 'before' | 'after';

/** The axes of `[batch, height, width, dim]` that features propagate along. */
export type Axis = 'x' | 'y';

const axisIndex = { y: 1, x: 2 } as const;

/** A step of the operator of each side; null where nothing is added on that side. */
export interface Steps {
  readonly before: Step | null;
  readonly after: Step | null;
}

/** How far to extend features along one axis, in cells. */
export interface Extent {
  readonly before: number;
  readonly after: number;
  /** Cells that one step jumps: 1 takes each cell from its neighbour, n from the cell n places towards the features. */
  readonly jump: number;
}

/** A region and the cells added on each side of it, piece by piece in raster order, to be joined in one copy. */
export interface Surroundings {
  readonly before: readonly tf.Tensor4D[];
  /** The region in the pieces that it was cut into. Joined in place of it they get its gradient in one copy too. */
  readonly region: readonly tf.Tensor4D[];
  readonly after: readonly tf.Tensor4D[];
}

/**
 * How to take many steps: `stepwise` one product a step; `doubling` by powers of the step's matrix, each product twice as
 * many cells as the one before, z(t + k) = Mᵏ z(t) for k = 1, 2, 4, …
 */
export type Method = 'stepwise' | 'doubling';

/**
 * Propagates features along one axis: each new cell is one step of the cell `jump` places nearer to them.
 *
 * z(t + jump) = step(z(t)) after, z(t − jump) = step(z(t)) before, `numCells` cells in all.
 *
 * @param z float32 `[batch, height, width, dim]`, `jump` cells long on the axis: those that the first cells come from.
 * @param step `operator.step(±jump)`.
 * @param method chosen by `chooseMethod` unless given; a step without a matrix is always taken `stepwise`.
 * @returns float32, `numCells` long on the axis, in raster order. The caller disposes it.
 */
export function propagate(
  z: tf.Tensor4D,
  axis: Axis,
  side: Side,
  step: Step,
  numCells: number,
  method?: Method,
): tf.Tensor4D {
  checkCount('propagate', 'numCells', numCells, 1);
  return tf.tidy(() => joinCells(propagatePieces(z, axis, side, step, numCells, method), axis));
}

function propagatePieces(
  z: tf.Tensor4D,
  axis: Axis,
  side: Side,
  step: Step,
  numCells: number,
  method?: Method,
): tf.Tensor4D[] {
  const along = axisIndex[axis];
  const [jump, dim] = [z.shape[along], z.shape[3]];
  const chosen = method ?? chooseMethod(z.size / dim, Math.ceil(numCells / jump), dim);
  const first = applyStep(step, nearest(z, Math.min(jump, numCells)));
  return chosen === 'doubling' && step.matrix !== null ? [double(first, step.matrix)] : walk(first);

  // Of cells in raster order, the `count` that the next ones on this side come from first.
  function nearest(cells: tf.Tensor4D, count: number): tf.Tensor4D {
    return takeCells(cells, along, side === 'after' ? 0 : cells.shape[along] - count, count);
  }

  function inRasterOrder(nearestFirst: readonly tf.Tensor4D[]): tf.Tensor4D[] {
    return side === 'after' ? [...nearestFirst] : nearestFirst.toReversed();
  }

  function walk(start: tf.Tensor4D): tf.Tensor4D[] {
    const pieces = [start];
    for (let done = jump; done < numCells; done += jump) {
      pieces.push(applyStep(step, nearest(pieces.at(-1)!, Math.min(jump, numCells - done))));
    }
    return inRasterOrder(pieces);
  }

  function double(start: tf.Tensor4D, matrix: tf.Tensor2D): tf.Tensor4D {
    let cells = start;
    let power = matrix;
    while (cells.shape[along] < numCells) {
      const done = cells.shape[along];
      const leap = power;
      const next = applyMatrix(leap, nearest(cells, Math.min(done, numCells - done)));
      cells = joinCells(inRasterOrder([cells, next]), axis);
      if (cells.shape[along] < numCells) power = tf.matMul(leap, leap);
    }
    return cells;
  }
}

/**
 * The cheaper method for so many steps of so many rows: `doubling` trades numSteps products of few rows for log₂(numSteps)
 * large ones, at the price of as many squarings of M. Measured on onnxruntime with one thread, forward and backward, it is
 * 8 % faster for 32 steps of 128 rows and 48 of 32 at 192 channels, and 20 % slower for 12 steps of 512 rows, which fill
 * a product by themselves, and for squarings that cost as much as the steps.
 */
export function chooseMethod(numRows: number, numSteps: number, dim: number): Method {
  if (numSteps < 16 || numRows > 128) return 'stepwise';
  return dim * Math.log2(numSteps) <= 0.75 * numRows * numSteps ? 'doubling' : 'stepwise';
}

/**
 * Features of the cells before and after a region along one axis.
 *
 * @param z float32 `[batch, height, width, dim]`; its length on the axis is at least `jump`.
 * @returns float32 pieces, `before` and `after` cells long on the axis in all, and those of `z`, which may be `z` itself.
 *   The caller disposes them.
 */
export function propagateOutwards(z: tf.Tensor4D, axis: Axis, steps: Steps, extent: Extent): Surroundings {
  if (steps.before === null && steps.after === null) return { before: [], region: [z], after: [] };
  const { head, tail, region } = cutEdges(z, axisIndex[axis], extent.jump);
  const reach = (edge: tf.Tensor4D, side: Side): tf.Tensor4D[] => {
    const step = steps[side];
    return step === null || extent[side] === 0 ? [] : propagatePieces(edge, axis, side, step, extent[side]);
  };
  return { before: reach(head, 'before'), region, after: reach(tail, 'after') };
}

/** Joins cells along an axis. */
export function joinCells(pieces: readonly tf.Tensor4D[], axis: Axis): tf.Tensor4D {
  return pieces.length === 1 ? pieces[0]! : tf.concat([...pieces], axisIndex[axis]);
}

interface CutRegion {
  readonly head: tf.Tensor4D;
  readonly tail: tf.Tensor4D;
  readonly region: readonly tf.Tensor4D[];
}

// Split where the edges don't overlap: its gradient is one concat, where slices would each be padded to the full region.
function cutEdges(z: tf.Tensor4D, along: 1 | 2, size: number): CutRegion {
  const length = z.shape[along];
  if (length < 2 * size) {
    return { head: takeCells(z, along, 0, size), tail: takeCells(z, along, length - size, size), region: [z] };
  }
  const region = tf.split<tf.Tensor4D>(z, length === 2 * size ? 2 : [size, length - 2 * size, size], along);
  return { head: region[0]!, tail: region.at(-1)!, region };
}

function takeCells(z: tf.Tensor4D, along: 1 | 2, start: number, size: number): tf.Tensor4D {
  if (size === z.shape[along]) return z;
  const begin = [0, 0, 0, 0];
  begin[along] = start;
  const shape: number[] = [...z.shape];
  shape[along] = size;
  return tf.slice(z, begin, shape);
}

function applyStep(step: Step, z: tf.Tensor4D): tf.Tensor4D {
  return step.apply(toRows(z)).reshape(z.shape);
}

function applyMatrix(matrix: tf.Tensor2D, z: tf.Tensor4D): tf.Tensor4D {
  return tf.matMul(toRows(z), matrix, false, true).reshape(z.shape);
}

function toRows(z: tf.Tensor4D): tf.Tensor2D {
  const dim = z.shape[3];
  return z.reshape([z.size / dim, dim]);
}
