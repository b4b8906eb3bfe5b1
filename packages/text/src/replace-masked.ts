import { maskedIndices } from '@qb-heat/core';
import type { Random } from '@qb-heat/training';
import type { TextBatch } from './text-batches.ts';

/** What stands in the place of hidden tokens in the encoder. */
export interface ReplacementRule {
  readonly maskId: number;
  readonly vocabSize: number;
  /** True: 80 % `[MASK]`, 10 % a random token, 10 % the token itself; false: all `[MASK]`. */
  readonly keepSome: boolean;
}

/**
 * The rows without what is hidden of them: hidden tokens become `[MASK]`, or with `keepSome` 80 % of them do, 10 % a
 * random token, and 10 % stay (BERT, arXiv 1810.04805, section 3.1). Padding stays padding.
 *
 * @returns int32 `[batch, length]`.
 */
export function replaceMasked(
  { ids, padding, length, visibility, batchSize }: TextBatch,
  { maskId, vocabSize, keepSome }: ReplacementRule,
  random: Random,
): Int32Array {
  const columns = maskedIndices(visibility);
  const numMasked = columns.length / batchSize;
  const replaced = ids.slice();
  columns.forEach((column, index) => {
    const place = Math.floor(index / numMasked) * length + column;
    if (padding?.[place] === 1) return;
    const draw = keepSome ? random.uniform() : 0;
    if (draw < 0.8) replaced[place] = maskId;
    else if (draw < 0.9) replaced[place] = random.integer(vocabSize);
  });
  return replaced;
}
