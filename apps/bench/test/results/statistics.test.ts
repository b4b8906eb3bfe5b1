import { describe, expect, it } from 'vitest';
import { median, summarizeSample } from '../../src/results/statistics.ts';

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

  it('gives an interval of no width for equal values', () => {
    expect(summarizeSample([2, 2, 2]).interval).toEqual({ low: 2, high: 2 });
  });

  it('refuses to summarize nothing', () => {
    expect(() => summarizeSample([])).toThrow('needs at least one value');
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
