import * as tf from '@tensorflow/tfjs';
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
      const centered = tf.sub(x, tf.mean(x, -1, true));
      const inverseDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), epsilon)); // […, 1]
      const normalized = tf.mul(centered, inverseDeviation);
      return { value: tf.add(tf.mul(normalized, gamma), beta), saved: [normalized, inverseDeviation, gamma] };
    },
    (dy, [normalized, inverseDeviation, scale]) => {
      const dyNormalized = tf.mul(dy, normalized!);
      // The means over the last axis of dy · gamma and of dy · gamma · normalized, as products with gamma / dim.
      const meanWeights = tf.div(scale!, dim).reshape([dim, 1]);
      const leading = [...x.shape.slice(0, -1), 1];
      const meanOfGradient = tf.matMul(asRows(dy), meanWeights).reshape(leading);
      const meanAlongNormalized = tf.matMul(asRows(dyNormalized), meanWeights).reshape(leading);
      const projected = tf.sub(tf.sub(tf.mul(dy, scale!), meanOfGradient), tf.mul(normalized!, meanAlongNormalized));
      return [tf.mul(projected, inverseDeviation!), tf.sum(asRows(dyNormalized), 0), tf.sum(asRows(dy), 0)];
    },
  );
}
