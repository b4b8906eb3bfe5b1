import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { disposeParameters } from './composite.ts';
import { weightVariable } from './initialize.ts';

export interface EmbeddingOptions {
  /** Number of rows: the vocabulary. */
  readonly vocab: number;
  readonly dim: number;
  readonly random: Random;
}

/** One learned vector per token: int32 `[…]` → float32 `[…, dim]`. Truncated normal of deviation 0.02, as BERT's. */
export class Embedding implements Layer {
  readonly parameters: Parameters;
  /** float32 `[vocab, dim]`, for a tied output layer. */
  readonly table: tf.Variable<tf.Rank.R2>;

  constructor({ vocab, dim, random }: EmbeddingOptions) {
    this.table = weightVariable(random, 'truncated-normal', vocab, dim) as tf.Variable<tf.Rank.R2>;
    this.parameters = new Map([['table', this.table]]);
  }

  /** @param ids int32, any shape, 0 … vocab − 1. The caller disposes the result. */
  apply(ids: tf.Tensor): tf.Tensor {
    return tf.gather(this.table, ids);
  }

  dispose(): void {
    disposeParameters(this);
  }
}
