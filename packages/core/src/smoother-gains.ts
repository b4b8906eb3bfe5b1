import * as tf from '@tensorflow/tfjs';
import { refineInverse } from './matrix-functions.ts';

/** Good to float32 rounding while ‖I + MᵀM‖∞ ≤ 2⁹. */
const firstSteps = 12;

/**
 * How many Newton–Schulz steps the inverse of level k takes from that of level k − 1. For a normal M the two differ by at
 * most 1 / k² of themselves; the steps leave room for maps that are not.
 */
function numStepsAt(k: number): number {
  if (k === 1) return firstSteps;
  if (k === 2) return 5;
  if (k === 3) return 4;
  return k <= 8 ? 3 : 2;
}

/**
 * The gains J_k of a smoother of z_{t+1} = M z_t + noise whose far end is observed k + 1 places after its anchor, for
 * k = 1 … count: a place k after the anchor moves by J_k of what the place after it moves by.
 *
 * With G_k the covariance of what the anchor alone predicts for place k, J_k = G_k Mᵀ G_{k+1}⁻¹ (Rauch, Tung and
 * Striebel, 1965). Written for the precisions in place of the covariances that is the elimination of a block tridiagonal
 * system, in which nothing grows with k:
 *
 * J_k = X_k⁻¹ Mᵀ, X_k = I + MᵀM − M J_{k−1}, J_0 = 0.
 *
 * X_k hardly differs from X_{k−1}, whose inverse the next one starts from. Costs 8 products of `[dim, dim]` for each of the
 * first levels and 6 for each of the others, 4 backward; and 22 once.
 *
 * @param transition M, float32 `[dim, dim]`; gradients reach it.
 * @returns `count` tensors, float32 `[dim, dim]`. The caller disposes them.
 */
export function smootherGains(transition: tf.Tensor2D, count: number): tf.Tensor2D[] {
  return tf.tidy(() => {
    const identity = tf.eye(transition.shape[0]);
    const transposed = transition.transpose<tf.Tensor2D>();
    const start = identity.add<tf.Tensor2D>(tf.matMul(transition, transition, true, false));
    const gains: tf.Tensor2D[] = [];
    let precision = start;
    // All eigenvalues of X_1 lie between 1 and its norm.
    let inverse: tf.Tensor2D = identity.mul(2).div(start.abs().sum(1).max().add(1));
    for (let k = 1; k <= count; k++) {
      if (k > 1) precision = start.sub(tf.matMul(transition, gains[k - 2]!));
      inverse = refineInverse(precision, inverse, numStepsAt(k));
      gains.push(solve(precision, transposed, inverse));
    }
    return gains;
  });
}

/** X⁻¹B for an inverse that is known already, with the gradients in X and B. */
function solve(x: tf.Tensor2D, b: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor2D {
  const known = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = inputs[2] as tf.GradSaveFunc;
    const value = tf.matMul(inverse, inputs[1] as tf.Tensor2D);
    save([inverse, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [inverted, solution] = saved as [tf.Tensor2D, tf.Tensor2D];
        const db = tf.matMul(inverted, dy, true, false);
        return [tf.matMul(db, solution, false, true).neg(), db];
      },
    };
  });
  return known(x, b) as tf.Tensor2D;
}
