import * as tf from '@tensorflow/tfjs';
import { runLayerNorm } from './kernels/layer-norm.ts';
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
      const { value, mean, inverseDeviation } = normalize(x, gamma, beta, epsilon);
      return { value, saved: [x, gamma, mean, inverseDeviation] };
    },
    (dy, saved) => {
      const [input, scale, mean, inverseDeviation] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const rowShape = mean.shape; // […, 1]
      const centered = tf.sub(input, mean);
      const dyCentered = tf.mul(dy, centered);
      // With g = dy · gamma and n = centered · inverseDeviation: dx = inverseDeviation · (g − mean(g) − n · mean(g · n)),
      // the means over the last axis taken as products with gamma / dim, which write no more than a column.
      const meanWeights = tf.div(scale, dim).reshape([dim, 1]);
      const meanOfGradient = tf.matMul(asRows(dy), meanWeights).reshape(rowShape);
      const meanAlongCentered = tf.matMul(asRows(dyCentered), meanWeights).reshape(rowShape);
      const towardsMean = tf.mul(inverseDeviation, meanOfGradient);
      const alongCentered = tf.mul(tf.mul(tf.square(inverseDeviation), inverseDeviation), meanAlongCentered);
      const dx = tf.sub(
        tf.sub(tf.mul(tf.mul(dy, scale), inverseDeviation), tf.mul(centered, alongCentered)),
        towardsMean,
      );
      // Σ dy · n over the rows, as the product with the row of inverse deviations.
      const dgamma = tf.matMul(inverseDeviation.reshape<tf.Tensor2D>([1, x.size / dim]), asRows(dyCentered));
      return [dx, dgamma.reshape([dim]), tf.sum(asRows(dy), 0)];
    },
  );
}

/** The normalised value with the mean and inverse deviation of each row, float32 `[…, 1]`. */
function normalize<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
): { value: T; mean: tf.Tensor; inverseDeviation: tf.Tensor } {
  const fused = runLayerNorm(x, gamma, beta, epsilon);
  if (fused) {
    const [value, mean, inverseDeviation] = fused;
    return { value: value as T, mean, inverseDeviation };
  }
  const mean = tf.mean(x, -1, true);
  const centered = tf.sub(x, mean);
  const inverseDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), epsilon));
  const value = tf.add<T>(tf.mul(tf.mul(centered, inverseDeviation), gamma), beta);
  return { value, mean, inverseDeviation };
}
