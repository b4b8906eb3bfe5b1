import * as tf from '@tensorflow/tfjs';

/**
 * The mean of each row's tokens, padding left out.
 *
 * @param features float32 `[batch, length, dim]`. @param padding float32 `[batch, length]`, 1 at padding.
 * @returns float32 `[batch, dim]`. The caller disposes it.
 */
export function meanOfTokens(features: tf.Tensor3D, padding: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const isToken = tf.sub(1, padding).expandDims<tf.Tensor3D>(2); // [batch, length, 1]
    return tf.div<tf.Tensor2D>(tf.sum(tf.mul(features, isToken), 1), tf.sum(isToken, 1));
  });
}
