import * as tf from '@tensorflow/tfjs';
import { planGaps } from './gap-plan.ts';
import type { GapLevels, GapPlan } from './gap-plan.ts';
import { gatherRows } from './gather.ts';
import { requireSequence } from './interpolate.ts';
import { matrixInverse } from './matrix-functions.ts';
import type { LinearOperator } from './operator.ts';
import { checkVisibility, countVisible } from './positions.ts';
import { checkShape } from './shape.ts';
import { smootherGains } from './smoother-gains.ts';
import type { Visibility } from './visibility.ts';

/** What of `leastSquares` depends on the mask and the operator alone. Its tensors are the caller's to dispose. */
export interface LeastSquaresWeights {
  readonly plan: GapPlan;
  /** M, float32 `[dim, dim]`. */
  readonly transition: tf.Tensor2D;
  /** J_k for k = 1 … the longest gap there is room for, float32 `[dim, dim]` each. */
  readonly gains: tf.Tensor2D[];
  /** M⁻¹, float32 `[dim, dim]`; null where there is no room for masked places before the first visible one. */
  readonly inverse: tf.Tensor2D | null;
}

/**
 * Fills the masked places of a sequence so that it follows a linear map as closely as the visible features allow:
 *
 * min Σ_t ‖z_{t+1} − M z_t‖² over the masked z, M = I + A for the scheme `euler`.
 *
 * Within a gap this is a Kalman smoother with exact observations at both ends. With m_k = M^k z_0 what the left end alone
 * predicts, and J_k the smoother's gains (see `smootherGains`),
 *
 * z_k = m_k + J_k (z_{k+1} − m_{k+1}).
 *
 * After the last visible place z_k = m_k; before the first, z_t = M⁻¹ z_{t+1}. A = 0 gives `interpolate`.
 *
 * Cost: two `[dim, dim]` products for each masked place, a margin for the levels' room included three to four; and in
 * set-up 6 to 8 for each level, and 50.
 *
 * @param features float32 `[batch, numVisible, dim]`; gradients reach them and the operator.
 * @param visibility any mask on a grid of height 1; throws an `InputError` on any other.
 * @param operator not of the scheme `norm-linear`.
 * @returns float32 `[batch, length, dim]`, visible features unchanged. The caller disposes it.
 */
export function leastSquares(features: tf.Tensor3D, visibility: Visibility, operator: LinearOperator): tf.Tensor3D {
  const plan = planLeastSquares(visibility);
  return tf.tidy(() => applyLeastSquares(features, visibility, weighLeastSquares(plan, operator)));
}

/**
 * Everything of `leastSquares` but the features: where each gap lies, and the gains of its levels. In training the gaps
 * change with the mask and the gains with the operator, both at every step.
 *
 * Throws an `InputError` for a grid of more than one row or an operator of the scheme `norm-linear`.
 *
 * @returns the weights; the caller disposes their tensors.
 */
export function leastSquaresWeights(visibility: Visibility, operator: LinearOperator): LeastSquaresWeights {
  return weighLeastSquares(planLeastSquares(visibility), operator);
}

/** Lays out the gaps of a batch of sequences; throws an `InputError` for a grid of more than one row. */
export function planLeastSquares(visibility: Visibility): GapPlan {
  checkVisibility(visibility);
  requireSequence('leastSquares', visibility.grid);
  return planGaps(visibility);
}

/** `leastSquaresWeights` of gaps that are laid out already. */
export function weighLeastSquares(plan: GapPlan, operator: LinearOperator): LeastSquaresWeights {
  const numLevels = plan.inner.capacities.length;
  const [transition, ...rest] = tf.tidy(() => {
    const m = operator.transition(1);
    const inverse = plan.leading.capacities.length === 0 ? [] : [matrixInverse(m)];
    return [m, ...smootherGains(m, numLevels), ...inverse] as [tf.Tensor2D, ...tf.Tensor2D[]];
  });
  return { plan, transition, gains: rest.slice(0, numLevels), inverse: rest[numLevels] ?? null };
}

/** `leastSquares` by weights that are there already. */
export function applyLeastSquares(
  features: tf.Tensor3D,
  visibility: Visibility,
  { plan, transition, gains, inverse }: LeastSquaresWeights,
): tf.Tensor3D {
  const { grid, batchSize } = visibility;
  const numVisible = countVisible(visibility);
  const [dim] = transition.shape;
  checkShape('leastSquares', 'features', features, ['batch', 'numVisible', 'dim'], [batchSize, numVisible, dim]);
  return tf.tidy(() => {
    const visible = features.reshape<tf.Tensor2D>([batchSize * numVisible, dim]);
    const inner = smoothGaps(visible, transition, gains, plan);
    const leading = inverse === null ? [] : leadBack(visible, inverse, plan.leading);
    const rows = tf.concat([visible, ...inner, ...leading]);
    return gatherRows(rows, plan.sources).reshape<tf.Tensor3D>([batchSize, grid.width, dim]);
  });
}

/** The rows of each level of the gaps after a visible place. */
function smoothGaps(
  visible: tf.Tensor2D,
  transition: tf.Tensor2D,
  gains: readonly tf.Tensor2D[],
  plan: GapPlan,
): tf.Tensor2D[] {
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

/** The rows of each level of the gaps before the first visible place. */
function leadBack(visible: tf.Tensor2D, inverse: tf.Tensor2D, { capacities, anchorRows }: GapLevels): tf.Tensor2D[] {
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
