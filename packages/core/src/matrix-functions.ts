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
 * The inverse X⁻¹ of one matrix or of each of a stack, in the graph and differentiable.
 *
 * Newton–Schulz, V ← V(2I − XV), from V₀ = Xᵀ / (‖X‖₁‖X‖∞), which converges quadratically for every regular X, and for a
 * singular one to its pseudo-inverse (Pan and Schreiber, 1991). The number of iterations is fixed, so that the graph is
 * the same at every step: good to float32 rounding while ‖X‖₁‖X‖∞‖X⁻¹‖² ≤ 2¹⁰, inexact beyond. The gradient is the
 * closed form −VᵀḠVᵀ. Costs 28 products of `[dim, dim]` forward, 2 backward.
 *
 * @param x float32 `[dim, dim]` or `[count, dim, dim]`.
 * @param isPositive true for symmetric positive definite matrices: from V₀ = I / ‖X‖∞ it is good while ‖X‖∞‖X⁻¹‖ ≤ 2¹⁰.
 * @returns float32, x's shape. The caller disposes it.
 */
export function matrixInverse<T extends tf.Tensor2D | tf.Tensor3D>(x: T, isPositive = false): T {
  const invert = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [matrix, save] = inputs as [T, tf.GradSaveFunc];
    const identity = tf.eye(matrix.shape[matrix.rank - 1]!);
    const twice = identity.mul(2);
    const magnitude = matrix.abs();
    const rowNorm = magnitude.sum(-1, true).max(-2, true);
    const columnNorm = magnitude.sum(-2, true).max(-1, true);
    const axes = matrix.rank === 2 ? [1, 0] : [0, 2, 1];
    let inverse = isPositive ? identity.div(rowNorm) : matrix.transpose(axes).div(columnNorm.mul(rowNorm));
    for (let iteration = 0; iteration < inverseIterations; iteration++) {
      inverse = tf.matMul(inverse, twice.sub(tf.matMul(matrix, inverse)));
    }
    save([inverse]);
    return {
      value: inverse,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [value] = saved as [tf.Tensor];
        return tf.matMul(tf.matMul(value, dy, true, false), value, false, true).neg();
      },
    };
  });
  return invert(x) as T;
}
