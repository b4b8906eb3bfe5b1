import { describe, expect, it } from 'vitest';
import { FinishedRuns } from '../../../src/experiments/estimates/finished-runs.ts';
import { makeRun } from '../../fixtures/results.ts';

function took(totalMs: number, overrides: Parameters<typeof makeRun>[0] = {}) {
  return makeRun({ durations: { pretrainMs: totalMs - 1, probeMs: 1, totalMs }, ...overrides });
}

describe('FinishedRuns', () => {
  it('gives the median of a duration over the runs that are alike', () => {
    const finished = new FinishedRuns([took(10), took(90), took(20), took(500, { suite: 'text', masking: 'span' })]);
    expect(finished.medianMs('totalMs', { suite: 'vision' })).toBe(20);
    expect(finished.medianMs('pretrainMs', { suite: 'vision' })).toBe(19);
    expect(finished.medianMs('totalMs', {})).toBe((20 + 90) / 2);
  });

  it('takes the closest likeness that any run has', () => {
    const finished = new FinishedRuns([took(10, { method: 'linear' }), took(30, { method: 'mlp' })]);
    const role = 'method' as const;
    expect(finished.medianMs('totalMs', { method: 'mlp', role }, { role })).toBe(30);
    expect(finished.medianMs('totalMs', { method: 'nearest', role }, { role })).toBe(20);
  });

  it('knows nothing where no run is alike', () => {
    const finished = new FinishedRuns([took(10, { masking: null })]);
    expect(finished.medianMs('totalMs', { masking: 'block' }, { encoder: null })).toBeUndefined();
    expect(finished.medianMs('totalMs', { masking: null })).toBe(10);
  });
});
