import * as tf from '@tensorflow/tfjs';
import { GELU, GELU_GRADIENT } from './kernels/gelu.ts';
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
      const [value, u, cumulative] = runKernelIfRegistered(GELU, { x }) ?? composeGelu(x);
      return { value: value as T, saved: [u!, cumulative!] };
    },
    (dy, [u, cumulative]) => {
      const fused = runKernelIfRegistered(GELU_GRADIENT, { dy, u: u!, cumulative: cumulative! });
      if (fused) return fused;
      const density = tf.exp(tf.sub(LOG_INVERSE_ROOT_PI, tf.square(u!)));
      return [tf.mul(dy, tf.add(cumulative!, tf.mul(u!, density)))];
    },
  );
}

function composeGelu(x: tf.Tensor): [value: tf.Tensor, u: tf.Tensor, cumulative: tf.Tensor] {
  const u = tf.mul(x, Math.SQRT1_2);
  const cumulative = tf.mul(tf.add(tf.erf(u), 1), 0.5);
  return [tf.mul(x, cumulative), u, cumulative];
}
