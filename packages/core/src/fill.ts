import type * as tf from '@tensorflow/tfjs';
import type { Parameters } from './parameters.ts';
import type { Visibility } from './visibility.ts';

/**
 * What a masked position gets before the decoder. A model takes a fill by name and nothing else about it changes, so
 * that fills can be compared with everything else equal.
 */
export const fillNames = [
  'mask-token',
  'zero',
  'mean',
  'nearest',
  'linear',
  'interpolate',
  'harmonic',
  'least-squares',
  'mlp',
] as const;

export type FillName = (typeof fillNames)[number];

/** A filler of masked positions with its own trainable variables. */
export interface Fill {
  readonly name: FillName;
  readonly parameters: Parameters;

  /**
   * Features of every position from those of the visible ones, which are passed through unchanged.
   *
   * @param features float32 `[batch, numVisible, dim]`, raster order.
   * @param visibility where the visible positions lie; a fill that needs a block throws an `InputError` on scattered ones.
   * @returns float32 `[batch, height * width, dim]`, raster order. The caller disposes it.
   */
  apply(features: tf.Tensor3D, visibility: Visibility): tf.Tensor3D;

  /**
   * Scalars worth logging while training, such as `spectralRadiusX`; empty for fills without an operator.
   *
   * @param featureMap float32 `[batch, height, width, dim]`, features of whole inputs: where given, `residualX` and so on
   *   tell how far these are from obeying the operators.
   */
  diagnostics(featureMap?: tf.Tensor4D): Promise<Record<string, number>>;

  /** Disposes the variables. */
  dispose(): void;
}
