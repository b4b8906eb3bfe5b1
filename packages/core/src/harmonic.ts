import type * as tf from '@tensorflow/tfjs';
import { InputError } from './input-error.ts';
import { checkVisibility } from './positions.ts';
import { ResistorNetwork } from './resistor-network.ts';
import type { Visibility } from './visibility.ts';
import { applyWeights, buildWeights } from './weighted-fill.ts';
import type { FillWeights } from './weighted-fill.ts';

/** How well heat flows along each axis: both 1 for the isotropic equation. Both positive. */
export interface Conductivity {
  readonly x: number;
  readonly y: number;
}

export const isotropic: Conductivity = { x: 1, y: 1 };

/**
 * Fills masked positions with the steady state of the heat equation whose boundary values are the visible features, no
 * heat passing the grid's border: each masked feature is the mean of its neighbours, weighted by conductivity,
 *
 * Σ_q c_pq (z_q − z_p) = 0 for every masked p, over its neighbours q within the grid.
 *
 * On a sequence it is linear interpolation.
 *
 * @param features float32 `[batch, numVisible, dim]`, raster order.
 * @param visibility any mask.
 * @returns float32 `[batch, height * width, dim]`, raster order, visible features unchanged. The caller disposes it.
 */
export function harmonic(
  features: tf.Tensor3D,
  visibility: Visibility,
  conductivity: Conductivity = isotropic,
): tf.Tensor3D {
  checkVisibility(visibility);
  checkConductivity(conductivity);
  return applyWeights(features, harmonicWeights(visibility, conductivity), visibility);
}

/** Throws an `InputError` unless both conductivities are positive: a zero would cut cells off from what is visible. */
export function checkConductivity({ x, y }: Conductivity): void {
  if (Number.isFinite(x) && Number.isFinite(y) && x > 0 && y > 0) return;
  throw new InputError(`harmonic: conductivity must be positive on both axes, got x = ${x}, y = ${y}`);
}

/**
 * The weights of `harmonic`, by sparse elimination: about 9 × numMasked × numVisible multiplications a sample on a
 * 14 × 14 grid with a quarter visible.
 */
export function harmonicWeights(visibility: Visibility, conductivity: Conductivity): FillWeights {
  const network = new ResistorNetwork(visibility.grid, conductivity);
  return buildWeights(visibility, (visible, rows) => network.solve(visible, rows));
}
