import * as tf from '@tensorflow/tfjs';
import { requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/**
 * The mean over all elements of `(prediction − target)²`; its gradient is `2 (prediction − target) / size`.
 *
 * @param prediction float32, any shape.
 * @param target float32, the shape of `prediction`. It gets no gradient.
 * @returns float32 scalar. The caller disposes it.
 */
export function meanSquaredError(prediction: tf.Tensor, target: tf.Tensor): tf.Scalar {
  requireShape('meanSquaredError', 'target', target, 'the shape of prediction', prediction.shape);
  return withGradient<tf.Scalar>(
    [prediction],
    () => {
      const error = tf.sub(prediction, target);
      return { value: tf.mean(tf.square(error)), saved: [error] };
    },
    (dy, [error]) => [tf.mul(error!, tf.mul(dy, 2 / prediction.size))],
  );
}
