import type { Parameters } from '@qb-heat/core';
import type * as tf from '@tensorflow/tfjs';

/** What updates a model's variables; `AdamW` is one. Made for the parameters of one model, by path. */
export interface Optimizer {
  /** Its own variables, such as moments, by path: what a checkpoint saves and assigns to when it is loaded. */
  readonly state: Parameters;

  /** Updates taken so far. A checkpoint saves it and sets it when it is loaded. */
  numUpdates: number;

  /**
   * Updates the variables in place.
   *
   * @param gradients by the path of their parameter; a path that is missing counts as a gradient of zero.
   * @param learningRate float32 scalar, a tensor so that a backend that compiles graphs doesn't compile one per rate.
   * @returns the Euclidean norm of all gradients together, before clipping, float32 scalar. The caller disposes it.
   */
  step(gradients: ReadonlyMap<string, tf.Tensor>, learningRate: tf.Scalar): tf.Scalar;

  /** Disposes its own variables. */
  dispose(): void;
}
