import * as tf from '@tensorflow/tfjs';
import { GELU } from './kernels/gelu.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';
import { withGradient } from './with-gradient.ts';

const LOG_INVERSE_ROOT_PI = -Math.log(Math.PI) / 2;

/**
 * The Gaussian error linear unit in its exact form: `y = x · Φ(x) = x · (1 + erf(x / √2)) / 2`.
 *
 * The gradient is `Φ(x) + x · φ(x)` with the standard normal density φ. With u = x / √2 that is `Φ(x) + u · exp(−u²) / √π`,
 * whose constant moves into the exponent.
 *
 * @param x float32, any shape.
 * @returns float32, the shape of `x`. The caller disposes it.
 * @see Hendrycks, Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415, section 2.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return withGradient<T>(
    [x],
    () => {
      const [value, ...saved] = runKernelIfRegistered(GELU, { x }) ?? composeGelu(x); // saved: the slope, or u and Φ(x)
      return { value: value as T, saved };
    },
    (dy, saved) => [tf.mul(dy, saved.length === 1 ? saved[0]! : composeSlope(saved[0]!, saved[1]!))],
  );
}

/** The value, and what {@link composeSlope} takes. */
function composeGelu(x: tf.Tensor): [value: tf.Tensor, u: tf.Tensor, cumulative: tf.Tensor] {
  const u = tf.mul(x, Math.SQRT1_2);
  const cumulative = tf.mul(tf.add(tf.erf(u), 1), 0.5);
  return [tf.mul(x, cumulative), u, cumulative];
}

function composeSlope(u: tf.Tensor, cumulative: tf.Tensor): tf.Tensor {
  const density = tf.exp(tf.sub(LOG_INVERSE_ROOT_PI, tf.square(u)));
  return tf.add(cumulative, tf.mul(u, density));
}
