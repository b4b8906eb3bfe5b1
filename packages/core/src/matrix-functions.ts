import * as tf from '@tensorflow/tfjs';

const exponentialSquarings = 4;
const inverseIterations = 14;

/**
 * The matrix exponential exp(X), in the graph and differentiable.
 *
 * The Taylor polynomial of degree 9 of X / 2⁴ is squared four times. The squaring acts on E = exp(X) − I, as
 * E ← 2E + E², so that nothing of a small X is lost to rounding against I. Relative to exp(‖X‖) the truncation error is
 * below float32 rounding while ‖X‖ ≤ 10, and 1e-5 at ‖X‖ = 16. Costs 9 products of `[dim, dim]`, and twice that backward.
 *
 * @param x float32 `[dim, dim]`.
 * @returns float32 `[dim, dim]`. The caller disposes it.
 */
export function matrixExponential(x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const y = x.div<tf.Tensor2D>(2 ** exponentialSquarings);
    const y2 = tf.matMul(y, y);
    const y3 = tf.matMul(y2, y);
    const identity = tf.eye(x.shape[0]);
    const group = (a: number, b: number, c: number): tf.Tensor2D =>
      tf.addN<tf.Tensor2D>([identity.mul(a), y.mul(b), y2.mul(c)]);
    // Σ y^k / k! for k = 1…9 as three groups of three powers: y·(g₀ + y³·(g₁ + y³·g₂)).
    const high = group(1 / 5_040, 1 / 40_320, 1 / 362_880);
    const middle = group(1 / 24, 1 / 120, 1 / 720).add<tf.Tensor2D>(tf.matMul(y3, high));
    let excess = tf.addN<tf.Tensor2D>([y, y2.div(2), y3.div(6), tf.matMul(tf.matMul(y3, y), middle)]);
    for (let squaring = 0; squaring < exponentialSquarings; squaring++) {
      excess = excess.mul(2).add<tf.Tensor2D>(tf.matMul(excess, excess));
    }
    return identity.add<tf.Tensor2D>(excess);
  });
}

/**
 * The inverse X⁻¹, in the graph and differentiable.
 *
 * Newton–Schulz, V ← V(2I − XV), from V₀ = Xᵀ / (‖X‖₁‖X‖∞), which converges quadratically for every regular X, and for a
 * singular one to its pseudo-inverse (Pan and Schreiber, 1991). The number of iterations is fixed, so that the graph is
 * the same at every step: good to float32 rounding while ‖X‖₁‖X‖∞‖X⁻¹‖² ≤ 2¹⁰, inexact beyond. The gradient is the
 * closed form −VᵀḠVᵀ. Costs 28 products of `[dim, dim]` forward, 2 backward.
 *
 * @param x float32 `[dim, dim]`.
 * @returns float32 `[dim, dim]`. The caller disposes it.
 */
export function matrixInverse(x: tf.Tensor2D): tf.Tensor2D {
  const invert = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [matrix, save] = inputs as [tf.Tensor2D, tf.GradSaveFunc];
    const magnitude = matrix.abs();
    const rowNorm = magnitude.sum(1).max();
    const columnNorm = magnitude.sum(0).max();
    const start = matrix.transpose().div<tf.Tensor2D>(columnNorm.mul(rowNorm));
    const inverse = refineInverse(matrix, start, inverseIterations);
    save([inverse]);
    return {
      value: inverse,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [value] = saved as [tf.Tensor];
        return tf.matMul(tf.matMul(value, dy, true, false), value, false, true).neg();
      },
    };
  });
  return invert(x);
}

/**
 * Brings an approximate inverse V of X nearer by Newton–Schulz steps, V ← V(2I − XV), each of which squares ‖I − XV‖.
 * Converges from any start for which the spectral radius of I − XV is below 1. Costs two products a step.
 *
 * @param x float32 `[dim, dim]`.
 * @param start float32 `[dim, dim]`.
 * @returns float32 `[dim, dim]`. The caller disposes it.
 */
export function refineInverse(x: tf.Tensor2D, start: tf.Tensor2D, numSteps: number): tf.Tensor2D {
  return tf.tidy(() => {
    const twice = tf.eye(x.shape[0]).mul(2);
    let inverse = start;
    for (let step = 0; step < numSteps; step++) inverse = tf.matMul(inverse, twice.sub(tf.matMul(x, inverse)));
    return inverse;
  });
}
