import * as tf from '@tensorflow/tfjs';
import { withGradient } from './with-gradient.ts';

/**
 * The Gaussian error linear unit in its exact form: `y = x · Φ(x) = x · (1 + erf(x / √2)) / 2`.
 *
 * The gradient is `Φ(x) + x · φ(x)` with the standard normal density `φ(x) = exp(−x² / 2) / √(2π)`.
 *
 * @param x float32, any shape.
 * @returns float32, the shape of `x`. The caller disposes it.
 * @see Hendrycks, Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415, section 2.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return withGradient<T>(
    [x],
    () => {
      const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
      return { value: tf.mul(x, cumulative), saved: [x, cumulative] };
    },
    (dy, [input, cumulative]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(input!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(cumulative!, tf.mul(input!, density)))];
    },
  );
}
