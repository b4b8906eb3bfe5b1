import { visibleIndices } from '@qb-heat/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTexts } from '../src/packing.ts';
import type { PackedText } from '../src/packing.ts';
import type { TextBatch } from '../src/text-batches.ts';
import { textBatches } from '../src/text-batches.ts';
import { handMadeTokenizer } from './fixtures.ts';

const tokenizer = handMadeTokenizer;
const mask = { kind: 'tokens', maskRatio: 0.25 } as const;
const words = ['the', 'dog', 'cat', 'bark', 'see', 'run', 'a'];
const texts = words.map((word) => `${word} ${word}`);
/** Seven rows, each with a word of its own. */
const text = await packTexts(texts, tokenizer, { length: 4 });
const source = (options = {}) => textBatches(text, { batchSize: 2, mask, tokenizer, seed: 1, ...options });

/** The rows of the first `numRows` places of batches, batches cut off where need be. */
function rowsOf(batches: (index: number) => TextBatch, numRows: number): number[][] {
  const rows: number[][] = [];
  for (let index = 0; rows.length < numRows; index++) {
    const { ids, length } = batches(index);
    for (let first = 0; first < ids.length; first += length) rows.push([...ids.subarray(first, first + length)]);
  }
  return rows.slice(0, numRows);
}

/** Rows as strings, whatever their order. */
const sorted = (rows: number[][]): string[] => rows.map(String).toSorted();

const start = tokenizer.special.start!;
/** What the text below begins with: as in text of another tokenizer, not always the start token that it looks like. */
const firstId = start;

/** Rows of a text in which every token is one more than the one before. */
function countUp({ length, numRows, hasStart }: { length: number; numRows: number; hasStart: boolean }): PackedText {
  const numPlaces = hasStart ? length - 1 : length;
  const ids = Array.from({ length: numRows }, (_, row) => [
    ...(hasStart ? [start] : []),
    ...Array.from({ length: numPlaces }, (_place, place) => firstId + row * numPlaces + place),
  ]).flat();
  return {
    ids: Int32Array.from(ids),
    length,
    numRows,
    padId: tokenizer.special.pad,
    startId: hasStart ? start : undefined,
    isPadded: false,
    numTokens: numRows * numPlaces,
    numUnknown: 0,
  };
}

const window = { kind: 'window', visibleRatio: 0.5, position: 'center' } as const;

/** How many tokens further on the rows of each epoch begin. */
function offsets(numEpochs: number, seed: number): number[] {
  const numRows = 3;
  const counted = countUp({ length: 8, numRows, hasStart: true });
  const batches = textBatches(counted, { batchSize: numRows, mask: window, tokenizer, seed });
  return Array.from({ length: numEpochs }, (_, epoch) => (batches(epoch).ids[1]! - firstId) % 7);
}

describe('textBatches', () => {
  it('shows every token once an epoch, in rows cut from the text as it stands', () => {
    const shapes = fc.record({
      length: fc.integer({ min: 4, max: 9 }),
      numRows: fc.integer({ min: 1, max: 6 }),
      hasStart: fc.boolean(),
    });
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 5 }), fc.nat(), (shape, batchSize, seed) => {
        const counted = countUp(shape);
        const { numRows, numTokens } = counted;
        const batches = textBatches(counted, { batchSize, mask: window, tokenizer, seed });
        const rows = rowsOf(batches, 3 * numRows).map((row) => {
          if (shape.hasStart) expect(row[0]).toBe(start);
          return row.slice(shape.hasStart ? 1 : 0).map((id) => id - firstId);
        });
        for (const row of rows) expect(row).toEqual(row.map((_, place) => (row[0]! + place) % numTokens));
        for (const first of [0, numRows, 2 * numRows]) {
          const seen = rows.slice(first, first + numRows).flat();
          expect(seen.toSorted((one, other) => one - other)).toEqual(Array.from({ length: numTokens }, (_, id) => id));
        }
      }),
    );
  });

  it('goes on at the beginning of the text, behind the start token', () => {
    // [2 2 3 4] [2 5 6 7], each with three places for text.
    const counted = countUp({ length: 4, numRows: 2, hasStart: true });
    const batches = textBatches(counted, { batchSize: 2, mask: window, tokenizer, seed: 0 });
    const cuts = Array.from({ length: 40 }, (_, epoch) =>
      sorted(rowsOf((index) => batches(epoch + index), 2)).join(' '),
    );
    expect(new Set(cuts)).toEqual(new Set(['2,2,3,4 2,5,6,7', '2,3,4,5 2,6,7,2', '2,4,5,6 2,7,2,3']));
  });

  it('cuts the text at other places in another epoch and with another seed', () => {
    expect(new Set(offsets(60, 1))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(offsets(6, 1)).not.toEqual(offsets(6, 2));
  });

  it('brings the rows into another order each time', () => {
    const numRows = 7;
    const counted = countUp({ length: 8, numRows, hasStart: true });
    const rows = rowsOf(textBatches(counted, { batchSize: 2, mask: window, tokenizer, seed: 1 }), 2 * numRows);
    const order = rows.map((row) => Math.floor((row[1]! - firstId) / 7));
    expect(order.slice(0, numRows)).not.toEqual(order.slice(numRows));
  });

  it('leaves padded rows whole, each once an epoch', async () => {
    const padded = await packTexts(texts, tokenizer, { length: 5, crossTexts: false });
    const packed = rowsOf(textBatches(padded, { batchSize: 1, mask, tokenizer, seed: 1, shuffle: false }), 7);
    const seen = rowsOf(textBatches(padded, { batchSize: 2, mask, tokenizer, seed: 1 }), 14);
    expect(sorted(seen.slice(0, 7))).toEqual(sorted(packed));
    expect(sorted(seen.slice(7))).toEqual(sorted(packed));
    expect(seen.slice(0, 7)).not.toEqual(seen.slice(7));
  });

  it('keeps rows and order of the text when told so', () => {
    const packed = Array.from({ length: 7 }, (_, row) => [...text.ids.subarray(4 * row, 4 * row + 4)]);
    expect(rowsOf(source({ shuffle: false }), 21)).toEqual([...packed, ...packed, ...packed]);
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
