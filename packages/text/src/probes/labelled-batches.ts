import { InputError } from '@qb-heat/core';
import type { Batch } from '@qb-heat/training';
import { createRandom } from '@qb-heat/training';
import type { TextSplit } from '../data/text-dataset.ts';
import { keepLast } from '../keep-last.ts';
import { bucketByLength, padRows, toTokenRow } from '../token-rows.ts';
import type { Bucket, PaddedRows } from '../token-rows.ts';
import type { TextTokenizer } from '../tokenizer.ts';

/** Texts with their classes, padded to one length. */
export interface LabelledTextBatch extends Batch, PaddedRows {
  /** int32 `[batch]`. */
  readonly labels: Int32Array;
}

export interface LabelledBatches {
  /** Batch `index` of the endless sequence of epochs; it depends on the seed and the index alone. */
  readonly batches: (index: number) => LabelledTextBatch;
  readonly batchesPerEpoch: number;
}

export interface LabelledBatchesOptions {
  /** At most; fewer when there are fewer texts. */
  readonly batchSize: number;
  /** Tokens of a text, at most: the rest is cut off. */
  readonly maxLength: number;
  /** Decides the order. */
  readonly seed: number;
}

/**
 * Batches of labelled texts to train on, in a new order each epoch. Texts of like length stand together; what doesn't
 * fill a batch goes on with longer ones, and what is left of the longest waits for the next epoch.
 */
export function labelledBatches(
  { texts, labels }: TextSplit,
  tokenizer: TextTokenizer,
  { batchSize, maxLength, seed }: LabelledBatchesOptions,
): LabelledBatches {
  if (texts.length === 0 || labels.length !== texts.length) {
    throw new InputError(`labelledBatches: expected a label for each text, got ${labels.length} for ${texts.length}`);
  }
  const rows = texts.map((text) => toTokenRow(text, tokenizer, maxLength));
  const buckets = bucketByLength(rows, maxLength);
  const size = Math.min(batchSize, texts.length);
  const random = createRandom(seed).fork('labelled batches');
  const batchesPerEpoch = Math.floor(texts.length / size);
  const planOf = keepLast((epoch) => planEpoch(buckets, size, random.fork(epoch)));
  return {
    batchesPerEpoch,
    batches: (index) => {
      const { length, indices } = planOf(Math.floor(index / batchesPerEpoch))[index % batchesPerEpoch]!;
      const padded = padRows(
        indices.map((text) => rows[text]!),
        length,
        tokenizer.special.pad,
      );
      return {
        ...padded,
        labels: Int32Array.from(indices, (text) => labels[text]!),
        numItems: padded.ids.length,
        dispose: () => {},
      };
    },
  };
}

/** The batches of an epoch in order. */
function planEpoch(buckets: readonly Bucket[], size: number, random: ReturnType<typeof createRandom>): Bucket[] {
  const batches: Bucket[] = [];
  let rest: number[] = [];
  for (const { length, indices } of buckets) {
    const order = [...rest, ...random.fork(length).shuffle([...indices])];
    const end = order.length - (order.length % size);
    for (let first = 0; first < end; first += size) {
      batches.push({ length, indices: order.slice(first, first + size) });
    }
    rest = order.slice(end);
  }
  return random.fork('order').shuffle(batches);
}
