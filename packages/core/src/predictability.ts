import * as tf from '@tensorflow/tfjs';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { pairs } from './diagnostics.ts';
import { InputError } from './input-error.ts';
import type { Axis } from './propagate.ts';
import { checkShape } from './shape.ts';

/** How well features a number of places away are predicted, on held-out features. */
export interface Predictability {
  readonly offset: number;
  /** R² of the best linear map with an intercept, fitted on the training features. */
  readonly linear: number;
  /** R² of copying the feature. */
  readonly copy: number;
}

export interface PredictabilityOptions {
  /** The axis along which to look; `x` for sequences. */
  readonly axis: Axis;
  /** Distances k in cells. */
  readonly offsets: readonly number[];
  /** Ridge penalty relative to the mean variance of a feature's channels; 1e-3 by default. */
  readonly ridge?: number;
}

/**
 * Linear predictability R²(k): how well the best linear map, fitted by ridge regression on training features and scored on
 * held-out ones, predicts the feature k places away, against copying it.
 *
 * R²(k) = 1 − Σ‖z(t + k) − ẑ(t + k)‖² / Σ‖z(t + k) − mean‖², the mean that of the training features.
 *
 * @param train float32 `[batch, height, width, dim]`; a sequence has height 1.
 * @param heldOut float32 `[batch, height, width, dim]`; other samples than those of `train`.
 * @returns one entry for each offset, in the order given; throws an `InputError` where an axis is too short for one.
 */
export async function measurePredictability(
  train: tf.Tensor4D,
  heldOut: tf.Tensor4D,
  { axis, offsets, ridge = 1e-3 }: PredictabilityOptions,
): Promise<Predictability[]> {
  if (!(ridge > 0)) throw new InputError(`measurePredictability: ridge must be positive, got ${ridge}`);
  const dim = train.shape[3];
  const axes = ['batch', 'height', 'width', 'dim'];
  checkShape('measurePredictability', 'heldOut', heldOut, axes, [null, null, null, dim]);
  const results: Predictability[] = [];
  for (const offset of offsets) {
    const map = await fitRidge(train, axis, offset, ridge);
    const scores = tf.tidy(() => {
      const [source, target] = pairs(heldOut, axis, offset);
      const prediction = tf.matMul(source.sub<tf.Tensor2D>(map.sourceMean), map.weights).add(map.targetMean);
      const variance = target.sub(map.targetMean).square().sum();
      const unexplained = [prediction, source].map((guess) => target.sub(guess).square().sum().div(variance));
      return tf.sub(1, tf.stack(unexplained));
    });
    const [linear, copy] = (await scores.data()) as unknown as [number, number];
    tf.dispose([scores, map.weights, map.sourceMean, map.targetMean]);
    results.push({ offset, linear, copy });
  }
  return results;
}

interface RidgeMap {
  /** `[dim, dim]`, for rows: target − targetMean ≈ (source − sourceMean) weights. */
  readonly weights: tf.Tensor2D;
  readonly sourceMean: tf.Tensor2D;
  readonly targetMean: tf.Tensor2D;
}

/** Products over the samples on the backend, the system of `[dim, dim]` in float64. */
async function fitRidge(train: tf.Tensor4D, axis: Axis, offset: number, ridge: number): Promise<RidgeMap> {
  const { sourceMean, targetMean, gram, cross } = tf.tidy(() => {
    const [source, target] = pairs(train, axis, offset);
    const [meanOfSource, meanOfTarget] = [source.mean<tf.Tensor2D>(0, true), target.mean<tf.Tensor2D>(0, true)];
    const [centredSource, centredTarget] = [source.sub(meanOfSource), target.sub(meanOfTarget)];
    return {
      sourceMean: meanOfSource,
      targetMean: meanOfTarget,
      gram: tf.matMul<tf.Tensor2D>(centredSource, centredSource, true, false),
      cross: tf.matMul<tf.Tensor2D>(centredSource, centredTarget, true, false),
    };
  });
  const [gramValues, crossValues] = await Promise.all([gram.data(), cross.data()]);
  tf.dispose([gram, cross]);
  const dim = gram.shape[0];
  const system = Matrix.from1DArray(dim, dim, Array.from(gramValues));
  const penalty = (ridge * system.trace()) / dim;
  if (penalty === 0) throw new InputError('measurePredictability: the training features are all equal');
  for (let i = 0; i < dim; i++) system.set(i, i, system.get(i, i) + penalty);
  const solution = new CholeskyDecomposition(system).solve(Matrix.from1DArray(dim, dim, Array.from(crossValues)));
  return { weights: tf.tensor2d(solution.to1DArray(), [dim, dim]), sourceMean, targetMean };
}
