import * as tf from '@tensorflow/tfjs';
import { requireRank, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/**
 * Group normalisation: the channels of each sample are cut into `numGroups` runs of neighbours, each run is normalised
 * to mean 0 and (biased) variance 1 over its channels and all positions, then scaled and shifted per channel.
 *
 * @param x float32 `[batch, height, width, channels]`.
 * @param gamma float32 `[channels]`.
 * @param beta float32 `[channels]`.
 * @param numGroups must divide `channels`; 1 normalises each sample as a whole.
 * @returns float32, the shape of `x`. The caller disposes it.
 * @see Wu, He, "Group Normalization", arXiv 1803.08494, equations 1, 6 and 7.
 */
export function groupNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  numGroups: number,
  epsilon = 1e-5,
): tf.Tensor4D {
  requireRank('groupNorm', 'x', x, '[batch, height, width, channels]', 4);
  const [batch, height, width, channels] = x.shape;
  requireShape('groupNorm', 'gamma', gamma, '[channels]', [channels]);
  requireShape('groupNorm', 'beta', beta, '[channels]', [channels]);
  if (channels % numGroups !== 0) {
    throw new Error(`groupNorm: numGroups must divide channels = ${channels}, got ${numGroups}`);
  }
  const grouped = [batch, height * width, numGroups, channels / numGroups];
  const withinGroup = [1, 3];
  const perChannel = [1, 1, numGroups, channels / numGroups];
  return withGradient<tf.Tensor4D>(
    [x, gamma, beta],
    () => {
      const groups = x.reshape(grouped);
      const centered = tf.sub(groups, tf.mean(groups, withinGroup, true));
      const variance = tf.mean(tf.square(centered), withinGroup, true); // [batch, 1, numGroups, 1]
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
      const normalized = tf.mul(centered, inverseDeviation);
      const value = tf.add(tf.mul(normalized, gamma.reshape(perChannel)), beta.reshape(perChannel));
      return { value: value.reshape(x.shape), saved: [normalized, inverseDeviation, gamma] };
    },
    (dy, [normalized, inverseDeviation, scale]) => {
      const gradient = dy.reshape(grouped);
      const gradientAlong = tf.mul(gradient, normalized!);
      const dNormalized = tf.mul(gradient, scale!.reshape(perChannel));
      const meanOfGradient = tf.mean(dNormalized, withinGroup, true);
      const meanAlong = tf.mean(tf.mul(dNormalized, normalized!), withinGroup, true);
      const dGroups = tf.mul(
        tf.sub(tf.sub(dNormalized, meanOfGradient), tf.mul(normalized!, meanAlong)),
        inverseDeviation!,
      );
      return [
        dGroups.reshape(x.shape),
        tf.sum(gradientAlong, [0, 1]).reshape([channels]),
        tf.sum(gradient, [0, 1]).reshape([channels]),
      ];
    },
  );
}
