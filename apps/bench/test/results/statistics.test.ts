import { describe, expect, it } from 'vitest';
import { explainNoInterval, median, summarizeSample } from '../../src/results/statistics.ts';

describe('summarizeSample', () => {
  it('gives mean, sample standard deviation and t-interval of a hand-computed case', () => {
    // mean (1 + 2 + 6) / 3 = 3; s² = (4 + 1 + 9) / 2 = 7; t₀.₉₇₅(2) = 4.302653; half = 4.302653 · √(7 / 3) = 6.572411.
    const summary = summarizeSample([1, 2, 6]);
    expect(summary.n).toBe(3);
    expect(summary.mean).toBe(3);
    expect(summary.standardDeviation).toBeCloseTo(Math.sqrt(7), 12);
    expect(summary.interval?.low).toBeCloseTo(3 - 6.572411, 5);
    expect(summary.interval?.high).toBeCloseTo(3 + 6.572411, 5);
  });

  it('claims no spread from one value', () => {
    expect(summarizeSample([0.5])).toEqual({ n: 1, mean: 0.5, standardDeviation: null, interval: null });
  });

  it('gives no interval for values that do not differ but by rounding', () => {
    expect(summarizeSample([2, 2, 2])).toEqual({ n: 3, mean: 2, standardDeviation: 0, interval: null });
    const differences = [0.3 - 0.1, 0.7 - 0.5];
    expect(differences[0]).not.toBe(differences[1]);
    expect(summarizeSample(differences).interval).toBeNull();
    expect(summarizeSample([3e12, 3e12 + 1e-3]).interval).toBeNull();
  });

  it('gives one for values that differ by the least that an accuracy can', () => {
    expect(summarizeSample([0.5, 0.5, 0.500001]).interval).not.toBeNull();
  });

  it('refuses to summarize nothing', () => {
    expect(() => summarizeSample([])).toThrow('needs at least one value');
  });
});

describe('explainNoInterval', () => {
  it('tells one seed from seeds that do not differ', () => {
    expect(explainNoInterval([{ n: 1 }, { n: 1 }])).toBe('one seed gives no interval');
    const equal = 'the difference is equal in all seeds, so that there is no spread to judge by';
    expect(explainNoInterval([{ n: 3 }])).toBe(equal);
    expect(explainNoInterval([{ n: 3 }, { n: 1 }])).toBe(`there is one seed, or ${equal}`);
  });
});

describe('median', () => {
  it('is the value in the middle, or the mean of two', () => {
    expect(median([9, 1, 4])).toBe(4);
    expect(median([9, 1, 4, 10])).toBe(6.5);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow('median: there must be at least one value, got none');
  });
});
