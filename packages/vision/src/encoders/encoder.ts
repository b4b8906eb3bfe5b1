import type { Grid, Visibility } from '@qb-heat/core';
import type { ForwardContext, Module, Random } from '@qb-heat/training';
import type * as tf from '@tensorflow/tfjs';

/** An encoder of patches: it is given the visible ones and sees nothing else. */
export interface ImageEncoder extends Module {
  /** Channels of its features. */
  readonly dim: number;

  /**
   * Features of the visible patches.
   *
   * @param patches float32 `[batch, numVisible, patchDim]`, normalised pixels, raster order.
   * @param visibility where they lie. An encoder that needs a block throws an `InputError` on scattered patches.
   * @returns float32 `[batch, numVisible, dim]`, raster order. The caller disposes it.
   */
  encode(patches: tf.Tensor3D, visibility: Visibility, context?: ForwardContext): tf.Tensor3D;

  /** Floating-point operations of one image's forward pass when that many patches, in a block, are visible. */
  countFlops(visible: Grid): number;
}

/** What an encoder has to fit. */
export interface EncoderContext {
  /** The grid of patches of a full image. */
  readonly grid: Grid;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
  readonly numChannels: number;
  /** Draws the initial weights. */
  readonly random: Random;
}
