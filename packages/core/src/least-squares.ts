import * as tf from '@tensorflow/tfjs';
import { planGaps } from './gap-plan.ts';
import type { GapLevels, GapPlan } from './gap-plan.ts';
import { gatherRows } from './gather.ts';
import { requireSequence } from './interpolate.ts';
import { matrixInverse } from './matrix-functions.ts';
import type { LinearOperator } from './operator.ts';
import { checkVisibility, countVisible } from './positions.ts';
import { checkShape } from './shape.ts';
import type { Visibility } from './visibility.ts';

/**
 * Fills the masked places of a sequence so that it follows a linear map as closely as the visible features allow:
 *
 * min Σ_t ‖z_{t+1} − M z_t‖² over the masked z, M = I + A for the scheme `euler`.
 *
 * Within a gap this is a Kalman smoother with exact observations at both ends (Rauch, Tung and Striebel, 1965). With
 * m_k = M^k z_0 what the left end alone predicts, and G_k = Σ_{j<k} M^j (M^j)ᵀ the covariance of its error,
 *
 * z_k = m_k + J_k (z_{k+1} − m_{k+1}), J_k = G_k Mᵀ G_{k+1}⁻¹.
 *
 * After the last visible place z_k = m_k; before the first, z_{t} = M⁻¹ z_{t+1}. A = 0 gives `interpolate`.
 *
 * Cost: two `[dim, dim]` products for each masked place, a margin for the levels' room included three to four; and 31
 * for each level in set-up.
 *
 * @param features float32 `[batch, numVisible, dim]`; gradients reach them and the operator.
 * @param visibility any mask on a grid of height 1; throws an `InputError` on any other.
 * @param operator not of the scheme `norm-linear`.
 * @returns float32 `[batch, length, dim]`, visible features unchanged. The caller disposes it.
 */
export function leastSquares(features: tf.Tensor3D, visibility: Visibility, operator: LinearOperator): tf.Tensor3D {
  checkVisibility(visibility);
  requireSequence('leastSquares', visibility.grid);
  return applyGapPlan(features, visibility, operator, planGaps(visibility));
}

/** `leastSquares` with the gaps laid out already. */
export function applyGapPlan(
  features: tf.Tensor3D,
  visibility: Visibility,
  operator: LinearOperator,
  plan: GapPlan,
): tf.Tensor3D {
  const { grid, batchSize } = visibility;
  const numVisible = countVisible(visibility);
  const sizes = [batchSize, numVisible, operator.dim];
  checkShape('leastSquares', 'features', features, ['batch', 'numVisible', 'dim'], sizes);
  return tf.tidy(() => {
    const visible = features.reshape<tf.Tensor2D>([batchSize * numVisible, operator.dim]);
    const transition = operator.transition(1);
    const inner = smoothGaps(visible, transition, plan);
    const leading = leadBack(visible, transition, plan.leading);
    const rows = tf.concat([visible, ...inner, ...leading]);
    return gatherRows(rows, plan.sources).reshape<tf.Tensor3D>([batchSize, grid.width, operator.dim]);
  });
}

/** The rows of each level of the gaps after a visible place. */
function smoothGaps(visible: tf.Tensor2D, transition: tf.Tensor2D, plan: GapPlan): tf.Tensor2D[] {
  const { capacities, anchorRows } = plan.inner;
  const numLevels = capacities.length;
  if (numLevels === 0) return [];
  const farEnds = gatherRows(visible, plan.rightRows, true);

  // predictions[k] is m_k for the gaps at least k long, and for those of k − 1, whose far end is at k.
  const predictions = [gatherRows(visible, anchorRows, true)];
  for (let k = 1; k <= numLevels + 1; k++) {
    const previous = takeRows(predictions[k - 1]!, capacities[Math.max(0, k - 2)]!);
    predictions.push(tf.matMul(previous, transition, false, true));
  }

  const gains = smootherGains(transition, numLevels);
  const levels: tf.Tensor2D[] = [];
  let correction: tf.Tensor2D | null = null;
  for (let k = numLevels; k >= 1; k--) {
    const capacity = capacities[k - 1]!;
    const surprise = takeRows(farEnds, capacity).sub<tf.Tensor2D>(predictions[k + 1]!);
    const arriving = surprise.mul<tf.Tensor2D>(tf.tensor2d(plan.endsHere[k - 1]!, [capacity, 1]));
    const total: tf.Tensor2D =
      correction === null ? arriving : arriving.add<tf.Tensor2D>(padRows(correction, capacity));
    correction = tf.matMul(total, gains[k - 1]!, false, true);
    levels.unshift(takeRows(predictions[k]!, capacity).add(correction));
  }
  return levels;
}

/** J_k for k = 1 … count. */
function smootherGains(transition: tf.Tensor2D, count: number): tf.Tensor2D[] {
  const identity = tf.eye(transition.shape[0]);
  const crossed: tf.Tensor2D[] = []; // G_k Mᵀ
  const covariances: tf.Tensor2D[] = []; // G_{k+1} = I + M G_k Mᵀ
  let covariance = identity;
  for (let k = 1; k <= count; k++) {
    const cross = tf.matMul<tf.Tensor2D>(covariance, transition, false, true);
    covariance = identity.add<tf.Tensor2D>(tf.matMul(transition, cross));
    crossed.push(cross);
    covariances.push(covariance);
  }
  const gains = tf.matMul(tf.stack(crossed) as tf.Tensor3D, matrixInverse(tf.stack(covariances) as tf.Tensor3D, true));
  return tf.unstack(gains) as tf.Tensor2D[];
}

/** The rows of each level of the gaps before the first visible place. */
function leadBack(visible: tf.Tensor2D, transition: tf.Tensor2D, { capacities, anchorRows }: GapLevels): tf.Tensor2D[] {
  if (capacities.length === 0) return [];
  const inverse = matrixInverse(transition);
  const levels: tf.Tensor2D[] = [];
  let level = gatherRows(visible, anchorRows, true);
  for (const capacity of capacities) {
    level = tf.matMul(takeRows(level, capacity), inverse, false, true);
    levels.push(level);
  }
  return levels;
}

function takeRows(rows: tf.Tensor2D, count: number): tf.Tensor2D {
  return rows.shape[0] === count ? rows : tf.slice(rows, [0, 0], [count, rows.shape[1]]);
}

function padRows(rows: tf.Tensor2D, count: number): tf.Tensor2D {
  return rows.shape[0] === count
    ? rows
    : tf.pad(rows, [
        [0, count - rows.shape[0]],
        [0, 0],
      ]);
}
