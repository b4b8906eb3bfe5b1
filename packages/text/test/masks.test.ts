import { countMasked, InputError, maskedIndices, visibilityMask } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaskSpec } from '../src/masks.ts';
import { drawMask, windowPositions } from '../src/masks.ts';
import { handMadeTokenizer } from './fixtures.ts';

const [pad, unknown, start, end, ending] = [0, 1, 2, 3, 9];
const draw = (spec: MaskSpec, rows: readonly number[][], seed = 0) =>
  drawMask(spec, Int32Array.from(rows.flat()), rows[0]!.length, handMadeTokenizer, createRandom(seed));

/** Rows as packing makes them: start, words and ends of texts, perhaps padding. */
const length = 24;
const row = fc
  .tuple(
    fc.array(fc.constantFrom(5, 6, 7, 8, ending, end), { minLength: length, maxLength: length }),
    fc.nat(length - 8),
  )
  .map(([ids, numPads]) => ids.map((id, column) => (column === 0 ? start : column < length - numPads ? id : pad)));
const batch = fc.array(row, { minLength: 1, maxLength: 4 });
const isText = (id: number): boolean => !handMadeTokenizer.specialIds.has(id);

describe.each([
  { kind: 'tokens', maskRatio: 0.3 },
  { kind: 'words', maskRatio: 0.3 },
  { kind: 'spans', maskRatio: 0.3, meanLength: 3 },
] satisfies MaskSpec[])('a mask of $kind', (spec) => {
  it('hides text and padding alone, as much in every row, and asks for text alone', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (rows, seed) => {
        fc.pre(rows.every((ids) => ids.filter(isText).length + ids.filter((id) => id === pad).length >= 8));
        const { visibility, weights } = draw(spec, rows, seed);
        expect(countMasked(visibility)).toBe(Math.round(0.3 * length));
        maskedIndices(visibility).forEach((column, index) => {
          const id = rows[Math.floor(index / countMasked(visibility))]![column]!;
          expect(isText(id) || id === pad).toBe(true);
          if (weights[index] === 1) expect(isText(id)).toBe(true);
        });
      }),
    );
  });

  it('asks for the share of the text where there is padding to spare', () => {
    const ids = [start, ...Array<number>(10).fill(5), end, ...Array<number>(12).fill(pad)];
    const { weights } = draw(spec, [ids]);
    expect(weights.reduce((sum, weight) => sum + weight)).toBe(3);
  });

  it('keeps the end of the text visible before padding, whether a token marks it or not', () => {
    const ids = [start, ...Array<number>(9).fill(5), unknown, 5, 6, ...Array<number>(11).fill(pad)];
    for (let seed = 0; seed < 20; seed++) {
      const hidden = [...maskedIndices(draw(spec, [ids], seed).visibility)];
      expect(hidden).not.toContain(12);
      expect(Math.min(...hidden)).toBeLessThan(12);
    }
  });

  it('hides unknown tokens, unasked, where a row has too few others', () => {
    const ids = [start, ...Array<number>(19).fill(unknown), 5, 6, 7, end];
    const { visibility, weights } = draw(spec, [ids]);
    const hidden = [...maskedIndices(visibility)];
    expect(hidden.filter((column) => ids[column] === unknown)).toHaveLength(4);
    expect(hidden.slice(4)).toEqual([20, 21, 22]);
    expect([...weights]).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });

  it('repeats with its seed and differs with another', () => {
    const rows = [Array<number>(24).fill(5)];
    expect(draw(spec, rows, 1)).toEqual(draw(spec, rows, 1));
    expect(draw(spec, rows, 2)).not.toEqual(draw(spec, rows, 1));
  });

  it('refuses rows of special tokens', () => {
    expect(() => draw(spec, [[start, 5, 5, ...Array<number>(21).fill(end)]])).toThrow(InputError);
    expect(() => draw(spec, [[start, 5, 5, ...Array<number>(21).fill(end)]])).toThrow(
      /maskRatio 0\.3 hides 7 of 24 tokens, but a row has only 2 that are not special/,
    );
  });

  it.each([0, 0.01, 1, Number.NaN])('refuses the ratio %d', (maskRatio) => {
    expect(() => draw({ ...spec, maskRatio }, [Array<number>(24).fill(5)])).toThrow(/maskRatio must leave some of 24/);
  });
});

describe('whole words', () => {
  it('are hidden and asked for from end to end, or not asked for at all', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (rows, seed) => {
        fc.pre(rows.every((ids) => ids.filter(isText).length + ids.filter((id) => id === pad).length >= 8));
        const { visibility, weights } = draw({ kind: 'words', maskRatio: 0.3 }, rows, seed);
        const asked = new Set<number>();
        maskedIndices(visibility).forEach((column, index) => {
          if (weights[index] === 1) asked.add(Math.floor(index / countMasked(visibility)) * length + column);
        });
        rows.flat().forEach((id, place, ids) => {
          if (id === ending && isText(ids[place - 1]!)) expect(asked.has(place)).toBe(asked.has(place - 1));
        });
      }),
    );
  });
});

describe('a visible window', () => {
  it.each([
    ['start', [0, 0]],
    ['center', [1, 0]],
    ['end', [3, 0]],
  ] as const)('lies at the %s of the text, not of the padding behind it', (position, lefts) => {
    // Texts of 9 and 4 tokens, a window of 6.
    const rows = [9, 4].map((numTokens) => Array<number>(24).fill(pad).fill(5, 0, numTokens));
    const { visibility, weights } = draw({ kind: 'window', visibleRatio: 0.25, position }, rows);
    if (visibility.kind !== 'block') throw new Error('expected a block');
    expect(visibility.blocks.map(({ left }) => left)).toEqual(position === 'start' ? [0] : lefts);
    // What is outside the window of the first text is asked for, and nothing of the second.
    expect(
      [0, 1].map((sample) => weights.subarray(18 * sample, 18 * (sample + 1)).reduce((sum, weight) => sum + weight)),
    ).toEqual([3, 0]);
  });

  it.each([
    ['start', 0],
    ['center', 6],
    ['end', 12],
  ] as const)('lies at the %s', (position, left) => {
    const { visibility } = draw({ kind: 'window', visibleRatio: 0.5, position }, [Array<number>(24).fill(5)]);
    const expected = Array.from({ length: 24 }, (_, column) => (column >= left && column < left + 12 ? 0 : 1));
    expect([...visibilityMask(visibility)]).toEqual(expected);
  });

  it('lies anywhere within the text at random, in each row elsewhere', () => {
    const ids = [start, ...Array<number>(15).fill(5), ...Array<number>(8).fill(pad)];
    const { visibility } = draw(
      { kind: 'window', visibleRatio: 0.25, position: 'random' },
      Array.from({ length: 200 }, () => ids),
    );
    if (visibility.kind !== 'block') throw new Error('expected a block');
    const lefts = new Set(visibility.blocks.map(({ left }) => left));
    expect([...lefts].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, left) => left));
  });

  it('never asks for special tokens', () => {
    fc.assert(
      fc.property(batch, fc.nat(), fc.constantFrom(...windowPositions), (rows, seed, position) => {
        const { visibility, weights } = draw({ kind: 'window', visibleRatio: 0.5, position }, rows, seed);
        maskedIndices(visibility).forEach((column, index) => {
          const id = rows[Math.floor(index / countMasked(visibility))]![column]!;
          expect(weights[index]).toBe(isText(id) ? 1 : 0);
        });
      }),
    );
  });

  it('refuses to show nothing or everything', () => {
    const spec = { kind: 'window', position: 'center' } as const;
    for (const visibleRatio of [0.01, 0.99]) {
      expect(() => draw({ ...spec, visibleRatio }, [Array<number>(24).fill(5)])).toThrow(
        /visibleRatio must leave some/,
      );
    }
  });
});
