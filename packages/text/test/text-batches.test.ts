import { visibleIndices } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { packTexts } from '../src/packing.ts';
import type { TextBatch } from '../src/text-batches.ts';
import { textBatches } from '../src/text-batches.ts';
import { handMadeTokenizer } from './fixtures.ts';

const tokenizer = handMadeTokenizer;
const mask = { kind: 'tokens', maskRatio: 0.25 } as const;
const words = ['the', 'dog', 'cat', 'bark', 'see', 'run', 'a'];
/** Seven rows, each with a word of its own. */
const text = await packTexts(
  words.map((word) => `${word} ${word}`),
  tokenizer,
  { length: 4 },
);
const source = (options = {}) => textBatches(text, { batchSize: 2, mask, tokenizer, seed: 1, ...options });
const wordsOf = (batch: TextBatch) =>
  Array.from({ length: batch.batchSize }, (_, row) => tokenizer.token(batch.ids[row * 4 + 1]!)!);

function wordsOfBatches(count: number, options = {}): string[] {
  const batches = source(options);
  return Array.from({ length: count }, (_, index) => wordsOf(batches(index))).flat();
}

describe('textBatches', () => {
  it('shows every row once an epoch, in another order each time', () => {
    const seen = wordsOfBatches(7);
    const [first, second] = [seen.slice(0, 7), seen.slice(7)];
    expect(first.toSorted()).toEqual(words.toSorted());
    expect(second.toSorted()).toEqual(words.toSorted());
    expect(first).not.toEqual(second);
  });

  it('keeps the order of the text when told so', () => {
    expect(wordsOfBatches(4, { shuffle: false })).toEqual([...words, words[0]]);
  });

  it('makes a batch from the seed and its index alone', () => {
    const [later, earlier] = [source()(9), source()(3)];
    const again = source();
    expect(again(3)).toMatchObject({ ids: earlier.ids, visibility: earlier.visibility });
    expect(again(9)).toMatchObject({ ids: later.ids, visibility: later.visibility });
    expect(source({ seed: 2 })(3).ids).not.toEqual(earlier.ids);
  });

  it('masks the same row differently in another batch', () => {
    const draws = [0, 1, 2, 3, 4, 5].map((index) => source({ batchSize: 7, shuffle: false })(index));
    expect(new Set(draws.map(({ visibility }) => visibleIndices(visibility).join())).size).toBeGreaterThan(1);
  });

  it('counts its tokens and fills a batch larger than the corpus', () => {
    const batch = source({ batchSize: 10 })(0);
    expect(batch).toMatchObject({ numItems: 40, batchSize: 10, length: 4, padding: undefined });
    expect(batch.weights).toEqual(new Float32Array(10).fill(1));
  });

  it('tells where padding is', async () => {
    const padded = await packTexts(['the', 'the dog'], tokenizer, { length: 4, crossTexts: false });
    const batch = textBatches(padded, { batchSize: 2, mask, tokenizer, seed: 0, shuffle: false })(0);
    expect(batch.padding).toEqual(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 0));
  });

  it.each([0, 1.5])('refuses the batch size %d', (batchSize) => {
    expect(() => source({ batchSize })).toThrow(/batchSize must be a whole number of at least 1/);
  });
});
