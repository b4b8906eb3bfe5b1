import { measurePredictability, type Axis } from '@qb-heat/core';
import type * as tf from '@tensorflow/tfjs';
import type { Measured } from './modality.ts';

/**
 * R²(k) of features as curves over k = 1 … maxOffset, or as far as the axes reach: of the best linear map and of copying,
 * the mean over the axes.
 *
 * @param train float32 `[batch, height, width, dim]`, other samples than those of `heldOut`. The caller keeps both.
 */
export async function predictabilityCurves(
  train: tf.Tensor4D,
  heldOut: tf.Tensor4D,
  { axes, maxOffset }: { readonly axes: readonly Axis[]; readonly maxOffset: number },
): Promise<Measured['curves']> {
  const [, height, width] = train.shape;
  const reach = Math.min(maxOffset, ...axes.map((axis) => (axis === 'x' ? width : height) - 1));
  const offsets = Array.from({ length: reach }, (_, index) => index + 1);
  const measured = await Promise.all(axes.map((axis) => measurePredictability(train, heldOut, { axis, offsets })));
  const curveOf = (field: 'linear' | 'copy') =>
    offsets.map((x, index) => ({
      x,
      y: measured.reduce((sum, ofAxis) => sum + (ofAxis[index]?.[field] ?? Number.NaN), 0) / axes.length,
    }));
  return { r2Linear: curveOf('linear'), r2Copy: curveOf('copy') };
}
