import * as tf from '@tensorflow/tfjs';
import { bernoulli } from './noise.ts';
import { withGradient } from './with-gradient.ts';

/** What the noise of one random operation is drawn from; equal values give equal noise on every backend. */
export interface NoiseKey {
  /** Names the operation: two that should differ need different seeds. */
  readonly seed: number;
  /** The optimiser step. */
  readonly step: number;
}

/**
 * Dropout: each element is set to 0 with probability `rate`, the others are divided by `1 − rate`.
 *
 * The noise is drawn in JavaScript and uploaded, so that a lazy backend sees a new input, not a new graph.
 *
 * @param x float32, any shape.
 * @param rate 0 ≤ rate < 1.
 * @returns float32, the shape of `x`. The caller disposes it.
 * @see Srivastava et al., "Dropout", JMLR 15 (2014), in its inverted form.
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, key: NoiseKey): T {
  return keepSome(x, rate, key, x.shape, 'dropout');
}

/**
 * Stochastic depth: each sample (row of the first axis) is set to 0 with probability `rate`, the others are divided by
 * `1 − rate`. Apply it to a residual branch.
 *
 * @param x float32 `[batch, …]`.
 * @param rate 0 ≤ rate < 1.
 * @returns float32, the shape of `x`. The caller disposes it.
 * @see Huang et al., "Deep Networks with Stochastic Depth", arXiv 1603.09382, equation 2.
 */
export function stochasticDepth<T extends tf.Tensor>(x: T, rate: number, key: NoiseKey): T {
  return keepSome(x, rate, key, [x.shape[0] ?? 1, ...x.shape.slice(1).map(() => 1)], 'stochasticDepth');
}

function keepSome<T extends tf.Tensor>(x: T, rate: number, key: NoiseKey, noiseShape: number[], operation: string): T {
  if (!(rate >= 0 && rate < 1)) throw new Error(`${operation}: rate must be at least 0 and below 1, got ${rate}`);
  if (rate === 0) return x.clone();
  const keep = tf.tensor(
    bernoulli(tf.util.sizeFromShape(noiseShape), 1 - rate, key.seed, key.step),
    noiseShape,
    'bool',
  );
  const result = withGradient<T>(
    [x],
    () => {
      const factor = tf.mul(keep.toFloat(), 1 / (1 - rate));
      return { value: tf.mul(x, factor), saved: [factor] };
    },
    (dy, [factor]) => [tf.mul(dy, factor!)],
  );
  keep.dispose();
  return result;
}
