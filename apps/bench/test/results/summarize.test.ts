import { describe, expect, it } from 'vitest';
import { compareWithBaselines, summarizeRuns } from '../../src/results/summarize.ts';
import { makeControl, makeRun } from '../fixtures/results.ts';

const baseline = [0, 1].map((seed) => makeRun({ method: 'mask-token', seed, metrics: { knn: 0.5 + seed } }));
const linear = [0, 1].map((seed) => makeRun({ method: 'linear', seed, metrics: { knn: 0.6 + 3 * seed } }));

describe('summarizeRuns', () => {
  it('makes one summary per method, in the order of the runs', () => {
    const summaries = summarizeRuns([...baseline, ...linear, makeControl('majority')]);
    expect(summaries.map(({ method, role, n }) => [method, role, n])).toEqual([
      ['mask-token', 'baseline', 2],
      ['linear', 'method', 2],
      ['majority', 'control', 1],
    ]);
    expect(summaries[1]?.metrics['knn']?.mean).toBeCloseTo(2.1, 12);
  });

  it('keeps maskings apart', () => {
    const random = makeRun({ suite: 'text', masking: 'random', method: 'mask-token' });
    const span = makeRun({ suite: 'text', masking: 'span', method: 'mask-token' });
    expect(summarizeRuns([random, span]).map((summary) => summary.masking)).toEqual(['random', 'span']);
  });
});

describe('compareWithBaselines', () => {
  it('pairs by seed, whatever the order of the runs', () => {
    // Differences 0.1 at seed 0 and 2.1 at seed 1: mean 1.1. Paired the wrong way they would be 3.1 and −0.9.
    const [comparison] = compareWithBaselines([...linear, ...baseline.toReversed()]);
    expect(comparison).toMatchObject({ method: 'linear', baseline: 'mask-token', metric: 'knn', n: 2 });
    expect(comparison?.meanDifference).toBeCloseTo(1.1, 12);
    // s = √2, t₀.₉₇₅(1) = 12.706205: half = 12.706205 · √2 / √2.
    expect(comparison?.interval?.high).toBeCloseTo(1.1 + 12.706205, 5);
  });

  it('leaves out seeds that only one of the two has', () => {
    const [comparison] = compareWithBaselines([...baseline.slice(0, 1), ...linear]);
    expect(comparison).toMatchObject({ n: 1, interval: null });
    expect(comparison?.meanDifference).toBeCloseTo(0.1, 12);
  });

  it('compares nothing with a control, and nothing across maskings', () => {
    const other = makeRun({ suite: 'text', masking: 'span', method: 'linear' });
    expect(compareWithBaselines([...baseline, makeControl('majority'), other])).toEqual([]);
  });
});
