import { InputError } from '@qb-heat/core';
import type { Grid, Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { Module } from '../layer.ts';
import type { Random } from '../random.ts';
import { disposeParameters } from './composite.ts';
import { weightVariable } from './initialize.ts';

export interface PositionEmbeddingOptions {
  /** The places to embed; a sequence is a grid of height 1. */
  readonly grid: Grid;
  readonly dim: number;
  /**
   * `learned`: one trainable vector per place, from a truncated normal of deviation 0.02.
   * `sin-cos`: fixed; for a grid of height 1 the 1D form, else half of the channels for the row and half for the column.
   */
  readonly kind: 'learned' | 'sin-cos';
  readonly random: Random;
}

/** A vector for every place of a grid, in raster order. */
export class PositionEmbedding implements Module {
  readonly parameters: Parameters;
  /** float32 `[height · width, dim]`. Owned by this module. */
  readonly table: tf.Tensor2D;

  /** Throws an `InputError` when `sin-cos` can't share `dim` evenly between axes, sines and cosines. */
  constructor({ grid, dim, kind, random }: PositionEmbeddingOptions) {
    if (kind === 'learned') {
      const table = weightVariable(random, 'truncated-normal', grid.height * grid.width, dim);
      this.table = table as tf.Variable<tf.Rank.R2>;
      this.parameters = new Map([['table', table]]);
    } else {
      this.table = tf.tensor2d(sinCosTable(grid, dim), [grid.height * grid.width, dim]);
      this.parameters = new Map();
    }
  }

  /**
   * The vectors of some places.
   *
   * @param positions int32 `[…]`, raster indices.
   * @returns float32 `[…, dim]`. The caller disposes it.
   */
  at(positions: tf.Tensor): tf.Tensor {
    return tf.gather(this.table, positions);
  }

  dispose(): void {
    this.table.dispose();
    disposeParameters(this);
  }
}

/**
 * Sines, then cosines, of `position / 10000^(i / n)`, i = 0 … n − 1: n = dim / 2 for a sequence, dim / 4 for the row
 * and as much for the column of a grid (Vaswani et al. 2017, section 3.5; in 2D as MAE lays it out).
 *
 * @returns `[height · width, dim]` in raster order.
 */
export function sinCosTable(grid: Grid, dim: number): Float32Array {
  const isSequence = grid.height === 1;
  const numFrequencies = dim / (isSequence ? 2 : 4);
  if (!Number.isInteger(numFrequencies)) {
    throw new InputError(`PositionEmbedding: dim must be a multiple of ${isSequence ? 2 : 4} for sin-cos, got ${dim}`);
  }
  const table = new Float32Array(grid.height * grid.width * dim);
  let offset = 0;
  for (let row = 0; row < grid.height; row++) {
    for (let column = 0; column < grid.width; column++) {
      for (const position of isSequence ? [column] : [row, column]) {
        for (let index = 0; index < numFrequencies; index++) {
          const angle = position / 10_000 ** (index / numFrequencies);
          table[offset + index] = Math.sin(angle);
          table[offset + numFrequencies + index] = Math.cos(angle);
        }
        offset += 2 * numFrequencies;
      }
    }
  }
  return table;
}
