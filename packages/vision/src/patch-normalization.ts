import * as tf from '@tensorflow/tfjs';

/** Added to the variance of a patch, as in MAE. */
const EPSILON = 1e-6;

/**
 * Each patch less its mean, over its standard deviation (He et al. 2022, section 3, "Reconstruction target").
 *
 * @param patches float32 `[batch, numPatches, patchDim]`.
 * @returns of the same shape. The caller disposes it.
 */
export function normalizePatches(patches: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => {
    const { mean, deviation } = measurePatches(patches);
    return tf.div(tf.sub(patches, mean), deviation);
  });
}

/**
 * Predictions of normalised patches given the mean and the deviation of the true ones, to look at them.
 *
 * @param predictions float32 `[batch, numPatches, patchDim]`.
 * @param patches the true ones, of the same shape.
 * @returns of the same shape. The caller disposes it.
 */
export function denormalizePatches(predictions: tf.Tensor3D, patches: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => {
    const { mean, deviation } = measurePatches(patches);
    return tf.add(tf.mul(predictions, deviation), mean);
  });
}

/** Mean and standard deviation over the values of each patch, both `[batch, numPatches, 1]`. */
function measurePatches(patches: tf.Tensor3D): { mean: tf.Tensor; deviation: tf.Tensor } {
  const { mean, variance } = tf.moments(patches, -1, true);
  return { mean, deviation: variance.add(EPSILON).sqrt() };
}
