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

/**
 * Propagates features along one axis: each new cell is one step of the cell `jump` places nearer to them.
 *
 * z(t + jump) = step(z(t)) after, z(t − jump) = step(z(t)) before, `numCells` cells in all.
 *
 * @param z float32 `[batch, height, width, dim]`, `jump` cells long on the axis: those that the first cells come from.
 * @param step `operator.step(±jump)`.
 * @returns float32, `numCells` long on the axis, in raster order. The caller disposes it.
 */
export function propagate(z: tf.Tensor4D, axis: Axis, side: Side, step: Step, numCells: number): tf.Tensor4D {
  checkCount('propagate', 'numCells', numCells, 1);
  const along = axisIndex[axis];
  const jump = z.shape[along];
  return tf.tidy(() => {
    const pieces: tf.Tensor4D[] = [];
    let piece = z;
    for (let done = 0; done < numCells; done += jump) {
      const size = Math.min(jump, numCells - done);
      piece = applyStep(step, takeCells(piece, along, side === 'after' ? 0 : jump - size, size));
      pieces.push(piece);
    }
    return tf.concat(side === 'after' ? pieces : pieces.toReversed(), along);
  });
}

/**
 * Features of a region and of the cells before and after it along one axis.
 *
 * @param z float32 `[batch, height, width, dim]`; its length on the axis is at least `jump`.
 * @returns float32, longer by `before + after` on the axis; `z` itself lies unchanged within. The caller disposes it.
 */
export function extend(z: tf.Tensor4D, axis: Axis, steps: Steps, { before, after, jump }: Extent): tf.Tensor4D {
  const along = axisIndex[axis];
  const length = z.shape[along];
  return tf.tidy(() => {
    const [head, tail] = edges(z, along, jump);
    const pieces: tf.Tensor4D[] = [];
    if (before > 0 && steps.before !== null) pieces.push(propagate(head, axis, 'before', steps.before, before));
    pieces.push(z);
    if (after > 0 && steps.after !== null) pieces.push(propagate(tail, axis, 'after', steps.after, after));
    return pieces.length === 1 ? z.clone() : tf.concat(pieces, along);
  });

  // Split where the edges don't overlap: its gradient is one concat, where slices would each pad to the full region.
  function edges(region: tf.Tensor4D, dimension: number, size: number): [tf.Tensor4D, tf.Tensor4D] {
    if (length > 2 * size) {
      const [head, , tail] = tf.split(region, [size, length - 2 * size, size], dimension) as [
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
      ];
      return [head, tail];
    }
    return [takeCells(region, dimension, 0, size), takeCells(region, dimension, length - size, size)];
  }
}

function takeCells(z: tf.Tensor4D, along: number, start: number, size: number): tf.Tensor4D {
  const length = z.shape[along]!;
  if (size === length) return z;
  const begin = [0, 0, 0, 0];
  begin[along] = start;
  const shape: number[] = [...z.shape];
  shape[along] = size;
  return tf.slice(z, begin, shape);
}

function applyStep(step: Step, z: tf.Tensor4D): tf.Tensor4D {
  const dim = z.shape[3];
  return step.apply(z.reshape([z.size / dim, dim])).reshape(z.shape);
}
