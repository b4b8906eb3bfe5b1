import * as tf from '@tensorflow/tfjs';

const epsilon = 1e-5;

/**
 * Layer normalisation without affine terms: (z − mean) / √(variance + 1e-5) over the channels of each row, with a
 * gradient of its own in place of one composed of a dozen kernels.
 *
 * @param z float32 `[rows, dim]`.
 * @returns float32 `[rows, dim]`. The caller disposes it.
 */
export function normalizeRows(z: tf.Tensor2D): tf.Tensor2D {
  const normalize = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [rows, save] = inputs as [tf.Tensor2D, tf.GradSaveFunc];
    const centered = rows.sub(rows.mean(1, true));
    const inverseDeviation = centered.square().mean(1, true).add(epsilon).rsqrt();
    const value = centered.mul<tf.Tensor2D>(inverseDeviation);
    save([value, inverseDeviation]);
    return {
      value,
      gradFunc: (dy: tf.Tensor2D, saved: tf.Tensor[]) => {
        const [normal, scale] = saved as [tf.Tensor2D, tf.Tensor2D];
        const alongNormal = normal.mul(dy.mul(normal).mean(1, true));
        return dy.sub(dy.mean(1, true)).sub(alongNormal).mul(scale);
      },
    };
  });
  return normalize(z);
}
