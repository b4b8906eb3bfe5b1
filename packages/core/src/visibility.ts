import type { Grid } from './grid.ts';

/** A contiguous rectangle of grid cells; `top` and `left` count from 0. For text, `top` is 0 and `height` is 1. */
export interface Block {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** One contiguous visible block: the same in every sample (`blocks` has one entry), or one per sample, all of one size. */
export interface BlockVisibility {
  readonly kind: 'block';
  readonly grid: Grid;
  readonly batchSize: number;
  readonly blocks: readonly Block[];
}

/** Visible positions anywhere, as many in every sample. */
export interface ScatteredVisibility {
  readonly kind: 'scattered';
  readonly grid: Grid;
  readonly batchSize: number;
  /** Visible positions per sample. */
  readonly numVisible: number;
  /** Raster indices (`row * width + column`) of the visible positions, int32 `[batchSize, numVisible]`, ascending within a sample. */
  readonly indices: Int32Array;
}

/**
 * Which positions of each sample of a batch the encoder sees. It is plain data, drawn from a seed where batches are
 * made, so that every model that gets the same batch sees the same positions.
 *
 * Features of visible positions travel as `[batch, numVisible, dim]` in raster order, features of all positions as
 * `[batch, height * width, dim]` in raster order.
 */
export type Visibility = BlockVisibility | ScatteredVisibility;
