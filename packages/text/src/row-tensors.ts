import { maskedIndices } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { TextBatch } from './text-batches.ts';
import type { PaddedRows } from './token-rows.ts';

/** Whole rows as an encoder takes them. */
export interface RowTensors {
  /** int32 `[batch, length]`. */
  readonly ids: tf.Tensor2D;
  /** int32 `[1, length]`. */
  readonly positions: tf.Tensor2D;
  /** float32 `[batch, length]`, 1 at padding; `undefined` where there is none. */
  readonly padding: tf.Tensor2D | undefined;
}

type Rows = Pick<TextBatch, 'ids' | 'padding' | 'length' | 'batchSize'>;

/** A batch's rows, or others of its shape. Call it inside `tf.tidy`. */
export function rowTensors(rows: PaddedRows): RowTensors & { readonly padding: tf.Tensor2D };
export function rowTensors(batch: Rows, ids?: Int32Array): RowTensors;
export function rowTensors(batch: Rows, ids = batch.ids): RowTensors {
  const { length, batchSize, padding } = batch;
  const places = Int32Array.from({ length }, (_, place) => place);
  return {
    ids: tf.tensor2d(ids, [batchSize, length], 'int32'),
    positions: tf.tensor2d(places, [1, length], 'int32'),
    padding: padding && tf.tensor2d(padding, [batchSize, length]),
  };
}

/** The hidden tokens of a batch, int32 `[batch * numMasked]`. */
export function maskedIds({ ids, length, visibility, batchSize }: TextBatch): Int32Array {
  const columns = maskedIndices(visibility);
  return takeColumns(ids, columns, length, columns.length / batchSize);
}

/** From `[batch, length]` values those at `count` columns of each row, `[batch, count]`. */
export function takeColumns<T extends Int32Array | Float32Array>(
  values: T,
  columns: Int32Array,
  length: number,
  count: number,
): T {
  const taken = values.slice(0, columns.length) as T;
  columns.forEach((column, index) => {
    taken[index] = values[Math.floor(index / count) * length + column]!;
  });
  return taken;
}
