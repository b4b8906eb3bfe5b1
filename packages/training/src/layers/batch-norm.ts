import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Layer } from '../layer.ts';

export interface BatchNormOptions {
  readonly dim: number;
  /** Share of the batch's statistics that enters the running ones at each step; 0.1 unless given, as in PyTorch. */
  readonly momentum?: number;
  readonly epsilon?: number;
}

/**
 * Batch normalisation without affine terms, as linear probes put before their classifier (MAE, appendix A.1):
 * `y = (x − mean) / √(variance + epsilon)` per channel, over the batch in training and by running statistics otherwise.
 *
 * It has no trainable parameters; its running statistics are {@link statistics}.
 */
export class BatchNorm implements Layer {
  readonly parameters: Parameters = new Map();
  /** The running `mean` and (unbiased) `variance`, float32 `[dim]` each: what a checkpoint of a probe stores. */
  readonly statistics: Parameters;
  readonly #mean: tf.Variable;
  readonly #variance: tf.Variable;
  readonly #momentum: number;
  readonly #epsilon: number;

  constructor({ dim, momentum = 0.1, epsilon = 1e-5 }: BatchNormOptions) {
    this.#mean = tf.tidy(() => tf.variable(tf.zeros([dim]), false));
    this.#variance = tf.tidy(() => tf.variable(tf.ones([dim]), false));
    this.#momentum = momentum;
    this.#epsilon = epsilon;
    this.statistics = new Map([
      ['mean', this.#mean],
      ['variance', this.#variance],
    ]);
  }

  /** @param x float32 `[batch, dim]`; in training the running statistics move. The caller disposes the result. */
  apply(x: tf.Tensor, context?: ForwardContext): tf.Tensor {
    return tf.tidy(() => {
      if (!context?.training) return this.#normalize(x, this.#mean, this.#variance);
      const { mean, variance } = tf.moments(x, 0);
      const batch = x.shape[0];
      this.#follow(this.#mean, mean);
      this.#follow(this.#variance, tf.mul(variance, batch / Math.max(batch - 1, 1)));
      return this.#normalize(x, mean, variance);
    });
  }

  dispose(): void {
    for (const variable of this.statistics.values()) variable.dispose();
  }

  #normalize(x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor {
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, this.#epsilon)));
  }

  #follow(running: tf.Variable, current: tf.Tensor): void {
    running.assign(tf.add(tf.mul(running, 1 - this.#momentum), tf.mul(current, this.#momentum)));
  }
}
