import type { Visibility } from '@qb-heat/core';
import { InputError } from '@qb-heat/core';
import type { Batch } from '@qb-heat/training';
import { createRandom } from '@qb-heat/training';
import { keepLast } from './keep-last.ts';
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
  /** Decides cuts, order and masks. */
  readonly seed: number;
  /** True, the default: cut anew and in a new random order every epoch. False: as packed, as an evaluation wants it. */
  readonly shuffle?: boolean;
}

/**
 * Batches of a packed corpus, in memory or in a file, epoch after epoch without end; the last batch of an epoch is
 * filled from the next. Batch `index` and its mask depend on the seed and the index alone.
 *
 * With `shuffle`, and where no row is padded, every epoch cuts the text into rows anew: all rows begin a number of tokens
 * further on, drawn from 0 to the tokens of text in a row less one, and the last goes on at the beginning of the text.
 * Each token still comes once an epoch, and rows begin with the start token if the packed ones do. Cut once and for all,
 * a window in the same place everywhere would ask for the same tokens in the same context in every epoch, and the model
 * would learn them by heart.
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
  const numPlaces = text.startId === undefined ? length : length - 1;
  const epochAt = keepLast((epoch) => ({
    order: shuffle ? random.fork('order').fork(epoch).permutation(numRows) : undefined,
    offset: shuffle && !text.isPadded ? random.fork('offset').fork(epoch).integer(numPlaces) : 0,
  }));
  return (index) => {
    const ids = new Int32Array(batchSize * length);
    for (let sample = 0; sample < batchSize; sample++) {
      const place = index * batchSize + sample;
      const { order, offset } = epochAt(Math.floor(place / numRows));
      const row = order?.[place % numRows] ?? place % numRows;
      readCut(text, row, offset, ids.subarray(sample * length, (sample + 1) * length));
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

/**
 * Writes the row that begins `offset` tokens of text further on than row `row`: the rest of that one and the beginning
 * of the next, the first row being next to the last.
 */
function readCut(text: PackedText | StoredRows, row: number, offset: number, target: Int32Array): void {
  const { length, numRows, startId } = text;
  readRow(text, row, target);
  if (offset === 0) return;
  const firstPlace = startId === undefined ? 0 : 1;
  const next = new Int32Array(length);
  readRow(text, (row + 1) % numRows, next);
  target.copyWithin(firstPlace, firstPlace + offset);
  target.set(next.subarray(firstPlace, firstPlace + offset), length - offset);
}

function readRow(text: PackedText | StoredRows, row: number, target: Int32Array): void {
  if ('readRow' in text) text.readRow(row, target, 0);
  else target.set(text.ids.subarray(row * text.length, (row + 1) * text.length));
}
