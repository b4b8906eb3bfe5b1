import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTexts, splitTexts } from '../../src/data/split.ts';
import type { TextSplit } from '../../src/data/text-dataset.ts';

const corpus = (labels: readonly number[]): TextSplit => ({
  texts: labels.map((label, index) => `${index} of ${label}`),
  labels: Int32Array.from(labels),
});
const labelOf = (text: string): number => Number(text.split(' ').at(-1));

describe('splitTexts', () => {
  it('deals every text to one side, in order, with its label', () => {
    const labels = fc.array(fc.nat(4), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(labels, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.nat(), (some, fraction, seed) => {
        const all = corpus(some);
        const { train, test } = splitTexts(all, fraction, seed);
        const order = (text: string) => all.texts.indexOf(text);
        expect([...train.texts, ...test.texts].toSorted((a, b) => order(a) - order(b))).toEqual(all.texts);
        expect(Math.min(train.texts.length, test.texts.length)).toBeGreaterThanOrEqual(1);
        for (const side of [train, test]) {
          expect(side.texts.map(order)).toEqual(side.texts.map(order).toSorted((a, b) => a - b));
          expect(side.texts.map(labelOf)).toEqual([...side.labels]);
        }
      }),
    );
  });

  it('takes the same share of every class, within one text', () => {
    const { test } = splitTexts(corpus(Array.from({ length: 100 }, (_, index) => (index < 70 ? 0 : 1))), 0.2, 3);
    expect([0, 1].map((label) => test.labels.filter((each) => each === label).length)).toEqual([14, 6]);
  });

  it('tests on the end of texts without labels', () => {
    const texts = ['a', 'b', 'c', 'd'];
    expect(splitTexts({ texts, labels: new Int32Array(0) }, 0.5, 0).test.texts).toEqual(['c', 'd']);
  });
});

describe('sampleTexts', () => {
  it('draws so many texts, every class alike, in order', () => {
    const sample = sampleTexts(corpus([0, 1, 0, 1, 0, 1, 0, 1]), 4, 1);
    expect(sample.labels.toSorted()).toEqual(Int32Array.of(0, 0, 1, 1));
    expect(sample.texts.map(labelOf)).toEqual([...sample.labels]);
  });

  it('keeps a text of every class where there is room for one', () => {
    const labels = [...Array<number>(50).fill(0), ...Array<number>(45).fill(1), 2, 3, 4];
    for (const seed of [0, 1, 2]) {
      const sample = sampleTexts(corpus(labels), 10, seed);
      expect(sample.texts).toHaveLength(10);
      expect(sample.texts.map(labelOf)).toEqual([...sample.labels]);
      expect(new Set(sample.labels)).toEqual(new Set([0, 1, 2, 3, 4]));
    }
    expect(sampleTexts(corpus(labels), 4, 0).labels).toHaveLength(4);
  });

  it('gives everything when asked for more', () => {
    const all = corpus([0, 1]);
    expect(sampleTexts(all, 10, 0)).toEqual(all);
  });
});
