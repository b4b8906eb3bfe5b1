import type * as tf from '@tensorflow/tfjs';
import type { Grid } from './grid.ts';
import { InputError } from './input-error.ts';
import { checkVisibility } from './positions.ts';
import type { Visibility } from './visibility.ts';
import { applyWeights, buildWeights } from './weighted-fill.ts';
import type { FillWeights } from './weighted-fill.ts';

/**
 * Fills the masked places of a sequence on the straight line between the two visible features that flank them; before
 * the first visible one and after the last it copies that one.
 *
 * z_t = ((r − t) z_l + (t − l) z_r) / (r − l) for l < t < r
 *
 * Proposed for randomly masked tokens in https://kexue.fm/archives/9359.
 *
 * @param features float32 `[batch, numVisible, dim]`.
 * @param visibility on a grid of height 1; throws an `InputError` on any other.
 * @returns float32 `[batch, length, dim]`. The caller disposes it.
 */
export function interpolate(features: tf.Tensor3D, visibility: Visibility): tf.Tensor3D {
  checkVisibility(visibility);
  return applyWeights(features, interpolateWeights(visibility), visibility);
}

/** The weights of `interpolate`: at most two per place. */
export function interpolateWeights(visibility: Visibility): FillWeights {
  requireSequence('interpolate', visibility.grid);
  const { width } = visibility.grid;
  return buildWeights(visibility, (visible, rows) => {
    const numVisible = visible.length;
    for (let v = 0; v <= numVisible; v++) {
      const left = visible[v - 1] ?? -1;
      const right = visible[v] ?? width;
      for (let t = left + 1; t < right; t++) {
        const share = v === 0 ? 1 : v === numVisible ? 0 : (t - left) / (right - left);
        if (v > 0) rows[t * numVisible + v - 1] = 1 - share;
        if (v < numVisible) rows[t * numVisible + v] = share;
      }
    }
  });
}

/** Throws an `InputError` unless the grid is a sequence, of height 1. */
export function requireSequence(operation: string, { height, width }: Grid): void {
  if (height === 1) return;
  throw new InputError(
    `${operation}: the grid must be of height 1, got ${height}×${width}; in two dimensions use 'harmonic'`,
  );
}
