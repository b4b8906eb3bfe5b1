import type { Visibility } from '@qb-heat/core';
import { InputError } from '@qb-heat/core';
import type { Batch } from '@qb-heat/training';
import { createRandom } from '@qb-heat/training';
import type { MaskSpec } from './masks.ts';
import { drawMask } from './masks.ts';
import type { PackedText } from './packing.ts';
import type { StoredRows } from './row-cache.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Rows of tokens and what is hidden of them: plain data, from which every model makes its own tensors. */
export interface TextBatch extends Batch {
  readonly batchSize: number;
  readonly length: number;
  /** The text, int32 `[batch, length]`. */
  readonly ids: Int32Array;
  /** 1 at padding, float32 `[batch, length]`; `undefined` when no batch of the source is padded. */
  readonly padding: Float32Array | undefined;
  readonly visibility: Visibility;
  /** 1 where a hidden token is to be predicted, else 0, float32 `[batch, numMasked]`. */
  readonly weights: Float32Array;
}

export interface TextBatchesOptions {
  readonly batchSize: number;
  readonly mask: MaskSpec;
  /** The tokenizer that the text was packed with. */
  readonly tokenizer: Pick<TextTokenizer, 'special' | 'specialIds' | 'continuesWord'>;
  /** Decides order and masks. */
  readonly seed: number;
  /** True, the default, in a new random order every epoch; false in the order of the text, as an evaluation wants it. */
  readonly shuffle?: boolean;
}

/**
 * Batches of a packed corpus, in memory or in a file, epoch after epoch without end; the last batch of an epoch is filled from the next. Batch
 * `index` and its mask depend on the seed and the index alone.
 *
 * Throws an `InputError` on an empty corpus or a batch size below 1; making a batch throws as `drawMask` does.
 */
export function textBatches(text: PackedText | StoredRows, options: TextBatchesOptions): (index: number) => TextBatch {
  const { batchSize, mask, tokenizer, seed, shuffle = true } = options;
  const { length, numRows } = text;
  if (numRows === 0) throw new InputError('textBatches: the packed text holds no row');
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InputError(`textBatches: batchSize must be a whole number of at least 1, got ${batchSize}`);
  }
  const random = createRandom(seed).fork('text batches');
  const rowAt = rowOrder(numRows, (epoch) =>
    shuffle ? random.fork('order').fork(epoch).permutation(numRows) : undefined,
  );
  return (index) => {
    const ids = new Int32Array(batchSize * length);
    for (let sample = 0; sample < batchSize; sample++) {
      readRow(text, rowAt(index * batchSize + sample), ids, sample * length);
    }
    return {
      numItems: ids.length,
      batchSize,
      length,
      ids,
      padding: text.isPadded ? Float32Array.from(ids, (id) => (id === text.padId ? 1 : 0)) : undefined,
      ...drawMask(mask, ids, length, tokenizer, random.fork('mask').fork(index)),
      dispose: () => {},
    };
  };
}

function readRow(text: PackedText | StoredRows, row: number, target: Int32Array, offset: number): void {
  if ('readRow' in text) text.readRow(row, target, offset);
  else target.set(text.ids.subarray(row * text.length, (row + 1) * text.length), offset);
}

/** The row at a place of the endless sequence of epochs; keeps the order of the last epoch that was asked for. */
function rowOrder(numRows: number, orderOf: (epoch: number) => Int32Array | undefined): (place: number) => number {
  let current = { epoch: -1, order: undefined as Int32Array | undefined };
  return (place) => {
    const epoch = Math.floor(place / numRows);
    if (epoch !== current.epoch) current = { epoch, order: orderOf(epoch) };
    return current.order?.[place % numRows] ?? place % numRows;
  };
}
