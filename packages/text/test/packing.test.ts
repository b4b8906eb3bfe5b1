import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTexts } from '../src/packing.ts';
import type { TextTokenizer } from '../src/tokenizer.ts';
import { handMadeTokenizer } from './fixtures.ts';

const [pad, unknown, start, end] = [0, 1, 2, 3];
const [the, dog, cat] = [5, 6, 7];

const rowsOf = ({ ids, length }: { ids: Int32Array; length: number }): number[][] =>
  Array.from({ length: ids.length / length }, (_, row) => [...ids.subarray(row * length, (row + 1) * length)]);

const isText = (id: number): boolean => id === unknown || !handMadeTokenizer.specialIds.has(id);

async function* stream(): AsyncGenerator<string> {
  yield* ['', 'the dog', '  ', 'cat the'];
}

describe('packTexts', () => {
  it('lets texts follow one another through the rows and leaves an incomplete last row out', async () => {
    const packed = await packTexts(['the dog', 'the cat the dog', 'cat'], handMadeTokenizer, { length: 5 });
    expect(rowsOf(packed)).toEqual([
      [start, the, dog, end, the],
      [start, cat, the, dog, end],
    ]);
    expect(packed).toMatchObject({
      numRows: 2,
      isPadded: false,
      padId: pad,
      startId: start,
      numTokens: 7,
      numUnknown: 0,
    });
  });

  it('pads the only row when it is incomplete', async () => {
    const packed = await packTexts(['the dog'], handMadeTokenizer, { length: 6 });
    expect(rowsOf(packed)).toEqual([[start, the, dog, end, pad, pad]]);
    expect(packed.isPadded).toBe(true);
  });

  it('gives each text rows of its own when told so, and a long one several', async () => {
    const packed = await packTexts(['dog', 'the dog the cat the'], handMadeTokenizer, { length: 4, crossTexts: false });
    expect(rowsOf(packed)).toEqual([
      [start, dog, end, pad],
      [start, the, dog, the],
      [start, cat, the, end],
    ]);
  });

  it('keeps every token in order, whatever the texts and the length', async () => {
    const text = fc.array(fc.constantFrom('the', 'dog', 'cat', 'barks', '.', 'wombat'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1 }), fc.integer({ min: 4, max: 9 }), async (words, length) => {
        const texts = words.map((some) => some.join(' '));
        fc.pre(texts.some((each) => each.replaceAll('wombat', '').trim() !== ''));
        const packed = await packTexts(texts, handMadeTokenizer, { length, crossTexts: false });
        const expected = texts.flatMap((each) => handMadeTokenizer.encode(each));
        expect([...packed.ids].filter(isText)).toEqual(expected);
        expect(packed.numTokens).toBe(expected.length);
        for (const row of rowsOf(packed)) expect(row[0]).toBe(start);
      }),
      { numRuns: 50 },
    );
  });

  it('works without start and end tokens', async () => {
    const bare: TextTokenizer = {
      ...handMadeTokenizer,
      special: { ...handMadeTokenizer.special, start: undefined, end: undefined },
    };
    const packed = await packTexts(['the dog', 'cat the'], bare, { length: 4 });
    expect(rowsOf(packed)).toEqual([[the, dog, cat, the]]);
    expect(packed.startId).toBeUndefined();
  });

  it('reads a stream of texts and passes over empty ones', async () => {
    const packed = await packTexts(stream(), handMadeTokenizer, { length: 4 });
    expect(rowsOf(packed)).toEqual([
      [start, the, dog, end],
      [start, cat, the, end],
    ]);
  });

  it('counts unknown tokens', async () => {
    const { numTokens, numUnknown } = await packTexts(['the wombat 😀'], handMadeTokenizer, { length: 4 });
    expect([numTokens, numUnknown]).toEqual([3, 2]);
  });

  it.each([
    [[], 8, /the texts hold no token/],
    [['', ' '], 8, /the texts hold no token/],
    [['你好 😀'], 8, /tokenizer hand-made knows none of the 3 tokens of the texts/],
    [['the dog'], 3, /length must be a whole number of at least 4, got 3/],
  ])('refuses %j in rows of %i', async (texts, length, message) => {
    const packing = packTexts(texts, handMadeTokenizer, { length });
    await expect(packing).rejects.toThrow(InputError);
    await expect(packing).rejects.toThrow(message);
  });
});
