import { createRandom } from '@qb-heat/training';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSpans, chooseTokens, chooseWords } from '../src/mask-choices.ts';

const setup = fc.record({
  candidates: fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 }).map((some) => some.toSorted((a, b) => a - b)),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(),
});

describe.each([
  ['chooseTokens', (all: number[], count: number, seed: number) => chooseTokens(all, count, createRandom(seed))],
  ['chooseSpans', (all: number[], count: number, seed: number) => chooseSpans(all, count, 3, createRandom(seed))],
])('%s', (_, choose) => {
  it('takes exactly as many different candidates as asked for', () => {
    fc.assert(
      fc.property(setup, ({ candidates, share, seed }) => {
        const count = Math.floor(share * candidates.length);
        const chosen = choose(candidates, count, seed);
        expect(new Set(chosen).size).toBe(count);
        for (const position of chosen) expect(candidates).toContain(position);
      }),
    );
  });
});

describe('chooseWords', () => {
  it('takes words whole and no more than asked for', () => {
    fc.assert(
      fc.property(setup, fc.func(fc.boolean()), ({ candidates, share, seed }, continues) => {
        const count = Math.floor(share * candidates.length);
        const chosen = new Set(chooseWords(candidates, count, continues, createRandom(seed)));
        expect(chosen.size).toBeLessThanOrEqual(count);
        for (const position of candidates) {
          const isInWord = candidates.includes(position - 1) && continues(position);
          if (isInWord) expect(chosen.has(position)).toBe(chosen.has(position - 1));
        }
      }),
    );
  });

  it('leaves nothing over when all words are single tokens', () => {
    expect(chooseWords([1, 2, 5, 6], 3, () => false, createRandom(0))).toHaveLength(3);
  });
});

/** Lengths of the runs of many draws that hide little, so that spans seldom meet. */
function runLengths(meanLength: number): number[] {
  const candidates = Array.from({ length: 20_000 }, (_, position) => position);
  const chosen = chooseSpans(candidates, 1000, meanLength, createRandom(1)).toSorted((a, b) => a - b);
  const lengths: number[] = [];
  chosen.forEach((position, index) => {
    if (index > 0 && chosen[index - 1] === position - 1) lengths[lengths.length - 1]! += 1;
    else lengths.push(1);
  });
  return lengths;
}

describe('chooseSpans', () => {
  it('has spans of the mean length that SpanBERT states, 3.8', () => {
    const lengths = runLengths(5);
    const mean = lengths.reduce((sum, length) => sum + length) / lengths.length;
    expect(mean).toBeGreaterThan(3.4);
    expect(mean).toBeLessThan(4.4);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(20);
  });

  it('has single tokens at a mean of 1', () => {
    const lengths = runLengths(1);
    expect(lengths.filter((length) => length === 1).length / lengths.length).toBeGreaterThan(0.9);
  });
});
