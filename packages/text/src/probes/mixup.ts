import { InputError } from '@qb-heat/core';
import type { Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

export interface MixupOptions {
  /** What is mixed: the vectors of the tokens, before the encoder, or the mean feature of the text, before the classifier. */
  readonly at: 'embeddings' | 'features';
  /** Of Beta(α, α): small ones mix little, 1 uniformly. Default 0.2. */
  readonly alpha?: number;
}

/** Whom each sample of a batch is mixed with, and how much of itself it keeps. */
export interface Mixture {
  /** int32 `[batch]`, a permutation. */
  readonly partners: Int32Array;
  /** From 0 to 1, float32 `[batch]`. */
  readonly shares: Float32Array;
}

/** Draws a partner and a share from Beta(α, α) for each sample (Zhang et al., arXiv 1710.09412, section 2). */
export function drawMixture(batchSize: number, alpha: number, random: Random): Mixture {
  return {
    partners: random.fork('partners').permutation(batchSize),
    shares: new Float32Array(batchSize).map(() => drawBeta(alpha, random)),
  };
}

/** share · x + (1 − share) · partner's x. @param x float32 `[batch, …]`. The caller disposes the result. */
export function mix<T extends tf.Tensor>(x: T, { partners, shares }: Mixture): T {
  return tf.tidy(() => {
    const share = tf.tensor(shares, [shares.length, ...x.shape.slice(1).fill(1)]);
    const others = tf.gather(x, tf.tensor1d(partners, 'int32'));
    return tf.add<T>(tf.mul(x, share), tf.mul(others, tf.sub(1, share)));
  });
}

/** Beta(α, α) as one gamma variable over the sum of two. Throws an `InputError` unless α > 0. */
export function drawBeta(alpha: number, random: Random): number {
  if (!(alpha > 0 && alpha < Infinity)) throw new InputError(`mixup: alpha must be positive, got ${alpha}`);
  const [one, other] = [drawGamma(alpha, random), drawGamma(alpha, random)];
  // Both can vanish for tiny α, where the distribution is a coin.
  return one + other > 0 ? one / (one + other) : random.integer(2);
}

/** Gamma(shape, 1) by Marsaglia and Tsang (2000); shapes below 1 from the next one, by a power of a uniform number. */
function drawGamma(shape: number, random: Random): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
