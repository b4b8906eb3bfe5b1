import { InputError } from '@qb-heat/core';

/**
 * The share of each token of a vocabulary in a text, each counted from one, so that none is zero.
 *
 * @param counts how often each comes, `[vocab]`; throws an `InputError` on another length or a negative count.
 */
export function tokenFrequencies(counts: ArrayLike<number>, vocabSize: number): Float64Array {
  if (counts.length !== vocabSize) {
    throw new InputError(`tokenCounts: must hold ${vocabSize} numbers, one per token, got ${counts.length}`);
  }
  const frequencies = Float64Array.from(counts, (count) => count + 1);
  const wrong = frequencies.findIndex((count) => !(count >= 1 && count < Infinity));
  if (wrong !== -1) throw new InputError(`tokenCounts: must not be negative, got ${counts[wrong]} for token ${wrong}`);
  const total = frequencies.reduce((sum, count) => sum + count, 0);
  return frequencies.map((count) => count / total);
}
