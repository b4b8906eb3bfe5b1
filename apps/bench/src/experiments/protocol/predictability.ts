import type { Predictability } from '@qb-heat/core';
import type { Measured } from './modality.ts';

/** The distances that R²(k) is measured at: 1, 2, … as far as the features reach. */
export function offsetsUpTo(maxOffset: number, numPlaces: number): number[] {
  return Array.from({ length: Math.min(maxOffset, numPlaces - 1) }, (_, index) => index + 1);
}

/** R²(k) of the best linear map and of copying as curves over k, the mean over the axes. */
export function toCurves(axes: readonly (readonly Predictability[])[]): Measured['curves'] {
  const curveOf = (field: 'linear' | 'copy') =>
    (axes[0] ?? []).map(({ offset }, index) => ({
      x: offset,
      y: axes.reduce((sum, axis) => sum + (axis[index]?.[field] ?? Number.NaN), 0) / axes.length,
    }));
  return { r2Linear: curveOf('linear'), r2Copy: curveOf('copy') };
}
