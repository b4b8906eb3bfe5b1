import type * as tf from '@tensorflow/tfjs';
import { extrapolate2d } from './extrapolate-2d.ts';
import type { AxisOperators, Mode } from './extrapolate-2d.ts';
import { InputError } from './input-error.ts';
import type { Visibility } from './visibility.ts';

/**
 * Extrapolates the features of a visible span to the whole sequence, from its ends outwards:
 * z(t + 1) = M₊ z(t) to the right, z(t − 1) = M₋ z(t) to the left.
 *
 * @param features float32 `[batch, numVisible, dim]`.
 * @param visibility a block on a grid of height 1; an `InputError` is thrown on any other.
 * @returns float32 `[batch, length, dim]`, visible features unchanged. The caller disposes it.
 */
export function extrapolate1d(
  features: tf.Tensor3D,
  visibility: Visibility,
  operators: AxisOperators,
  { mode = 'stepwise' }: { readonly mode?: Mode } = {},
): tf.Tensor3D {
  const { height, width } = visibility.grid;
  if (height !== 1) throw new InputError(`extrapolate1d: the grid must be of height 1, got ${height}×${width}`);
  return extrapolate2d(features, visibility, { x: operators }, { mode });
}
