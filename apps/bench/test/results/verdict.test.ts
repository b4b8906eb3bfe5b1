import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../src/results/verdict.ts';

const comparand = { suite: 'text', dataset: 'news', encoder: 'transformer-nano', masking: 'span' } as const;
const comparison = { ...comparand, method: 'linear', baseline: 'mask-token', n: 3 } as const;
const verdict = (metric: string, low: number, high: number) =>
  verdictOf({ ...comparison, metric, meanDifference: (low + high) / 2, interval: { low, high } });

describe('verdictOf', () => {
  it('knows that a lower loss is better, and a higher accuracy', () => {
    expect(verdict('heldOutLoss', -0.2, -0.1)).toBe('better');
    expect(verdict('heldOutLoss', 0.1, 0.2)).toBe('worse');
    expect(verdict('knn', 0.1, 0.2)).toBe('better');
    expect(verdict('knn', -0.2, -0.1)).toBe('worse');
  });

  it('is open where the interval holds zero, or there is none', () => {
    expect(verdict('knn', -0.1, 0.2)).toBe('open');
    expect(verdict('knn', 0, 0.2)).toBe('open');
    expect(verdictOf({ ...comparison, metric: 'knn', meanDifference: 1, interval: null })).toBe('open');
  });
});
