import * as tf from '@tensorflow/tfjs';
import { LAYER_NORM, LAYER_NORM_GRADIENT } from './kernels/layer-norm.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';
import { asRows, lastDim, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/**
 * Layer normalisation over the last axis: `y = (x − mean) / √(variance + epsilon) · gamma + beta`, with the biased
 * variance.
 *
 * @param x float32 `[…, dim]`.
 * @param gamma float32 `[dim]`.
 * @param beta float32 `[dim]`.
 * @returns float32, the shape of `x`. The caller disposes it.
 * @see Ba, Kiros, Hinton, "Layer Normalization", arXiv 1607.06450, equation 3.
 */
export function layerNorm<T extends tf.Tensor>(x: T, gamma: tf.Tensor, beta: tf.Tensor, epsilon = 1e-6): T {
  const dim = lastDim('layerNorm', 'x', x);
  requireShape('layerNorm', 'gamma', gamma, '[dim]', [dim]);
  requireShape('layerNorm', 'beta', beta, '[dim]', [dim]);
  return withGradient<T>(
    [x, gamma, beta],
    () => {
      const [value, mean, inverseDeviation] =
        runKernelIfRegistered(LAYER_NORM, { x, gamma, beta }, { epsilon }) ?? composeLayerNorm(x, gamma, beta, epsilon);
      return { value: value as T, saved: [x, gamma, mean!, inverseDeviation!] };
    },
    (dy, saved) => {
      const [input, scale, mean, inverseDeviation] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      return (
        runKernelIfRegistered(LAYER_NORM_GRADIENT, { dy, x: input, gamma: scale, mean, inverseDeviation }) ??
        composeGradient(dy, input, scale, mean, inverseDeviation)
      );
    },
  );
}

type Statistics = [value: tf.Tensor, mean: tf.Tensor, inverseDeviation: tf.Tensor];

function composeLayerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): Statistics {
  const mean = tf.mean(x, -1, true);
  const centered = tf.sub(x, mean);
  const inverseDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), epsilon));
  return [tf.add(tf.mul(tf.mul(centered, inverseDeviation), gamma), beta), mean, inverseDeviation];
}

/** With g = dy · gamma and n = (x − mean) / deviation: dx = (g − mean(g) − n · mean(g · n)) / deviation. */
function composeGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  gamma: tf.Tensor,
  mean: tf.Tensor,
  inverseDeviation: tf.Tensor,
): tf.Tensor[] {
  const normalized = tf.mul(tf.sub(x, mean), inverseDeviation);
  const dNormalized = tf.mul(dy, gamma);
  const along = tf.mean(tf.mul(dNormalized, normalized), -1, true);
  const dx = tf.mul(
    tf.sub(tf.sub(dNormalized, tf.mean(dNormalized, -1, true)), tf.mul(normalized, along)),
    inverseDeviation,
  );
  return [dx, tf.sum(asRows(tf.mul(dy, normalized)), 0), tf.sum(asRows(dy), 0)];
}
