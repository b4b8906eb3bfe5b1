import * as tf from '@tensorflow/tfjs';
import { GROUP_NORM, GROUP_NORM_GRADIENT } from './kernels/group-norm.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';
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
  const channels = x.shape[3];
  requireShape('groupNorm', 'gamma', gamma, '[channels]', [channels]);
  requireShape('groupNorm', 'beta', beta, '[channels]', [channels]);
  if (channels % numGroups !== 0) {
    throw new Error(`groupNorm: numGroups must divide channels = ${channels}, got ${numGroups}`);
  }
  return withGradient<tf.Tensor4D>(
    [x, gamma, beta],
    () => {
      const [value, centered, inverseDeviation] =
        runKernelIfRegistered(GROUP_NORM, { x, gamma, beta }, { numGroups, epsilon }) ??
        composeGroupNorm(x, gamma, beta, numGroups, epsilon);
      return { value: value as tf.Tensor4D, saved: [centered!, gamma, inverseDeviation!] };
    },
    (dy, saved) => {
      const [centered, scale, inverseDeviation] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      return (
        runKernelIfRegistered(GROUP_NORM_GRADIENT, { dy, centered, gamma: scale, inverseDeviation }, { numGroups }) ??
        composeGradient(dy, centered, scale, inverseDeviation, numGroups)
      );
    },
  );
}

/** Over positions and the channels of a group, in {@link groupedShape}. */
const withinGroup = [1, 3];

/** The result; x less its group's mean, in the shape of x; the inverse deviations, `[batch, 1, numGroups, 1]`. */
function composeGroupNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  numGroups: number,
  epsilon: number,
): tf.Tensor[] {
  const groups = x.reshape(groupedShape(x, numGroups));
  const centered = tf.sub(groups, tf.mean(groups, withinGroup, true));
  const variance = tf.mean(tf.square(centered), withinGroup, true); // [batch, 1, numGroups, 1]
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
  const normalized = tf.mul(centered, inverseDeviation).reshape(x.shape);
  return [tf.add(tf.mul(normalized, gamma), beta), centered.reshape(x.shape), inverseDeviation];
}

/** With g = dy · gamma and n = centered / deviation: dx = (g − mean(g) − n · mean(g · n)) / deviation, means by group. */
function composeGradient(
  dy: tf.Tensor,
  centered: tf.Tensor,
  gamma: tf.Tensor,
  inverseDeviation: tf.Tensor,
  numGroups: number,
): tf.Tensor[] {
  const shape = groupedShape(dy, numGroups);
  const normalized = tf.mul(centered.reshape(shape), inverseDeviation);
  const dNormalized = tf.mul(dy, gamma).reshape(shape);
  const along = tf.mean(tf.mul(dNormalized, normalized), withinGroup, true);
  const projected = tf.sub(tf.sub(dNormalized, tf.mean(dNormalized, withinGroup, true)), tf.mul(normalized, along));
  return [
    tf.mul(projected, inverseDeviation).reshape(dy.shape),
    tf.sum(tf.mul(dy, normalized.reshape(dy.shape)), [0, 1, 2]),
    tf.sum(dy, [0, 1, 2]),
  ];
}

/** `[batch, positions, numGroups, channels of a group]`. */
function groupedShape(x: tf.Tensor, numGroups: number): number[] {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return [batch, height * width, numGroups, channels / numGroups];
}
