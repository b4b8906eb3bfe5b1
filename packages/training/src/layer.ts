import type { Parameters } from '@qb-heat/core';
import type * as tf from '@tensorflow/tfjs';

/** Something with trainable variables that someone has to dispose. */
export interface Module {
  readonly parameters: Parameters;
  dispose(): void;
}

/** What a forward pass has to know beyond its input. */
export interface ForwardContext {
  /** True while training: dropout and stochastic depth are active. */
  readonly training: boolean;
  /** The optimiser step, from 0; random layers draw from (their seed, step) so that runs repeat. */
  readonly step: number;
}

/** A module that maps one tensor to one tensor. The caller disposes the result. */
export interface Layer extends Module {
  apply(x: tf.Tensor, context?: ForwardContext): tf.Tensor;
}
