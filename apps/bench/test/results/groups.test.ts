import { describe, expect, it } from 'vitest';
import { groupSummaries } from '../../src/results/groups.ts';
import { summarizeRuns } from '../../src/results/summarize.ts';
import { makeControl, makeRun } from '../fixtures/results.ts';

const groupsOf = (...runs: Parameters<typeof summarizeRuns>[0][number][]) =>
  groupSummaries({ summaries: summarizeRuns(runs) }).map(({ suite, masking, summaries }) => [
    suite,
    masking,
    summaries.map(({ method }) => method),
  ]);

describe('groupSummaries', () => {
  it('makes a group per masking and repeats the controls of the suite in each', () => {
    const span = makeRun({ suite: 'text', masking: 'span', method: 'linear' });
    const random = makeRun({ suite: 'text', masking: 'random', method: 'interpolate' });
    const control = makeControl('majority', { suite: 'text' });
    expect(groupsOf(makeControl('raw-pixels'), makeRun(), control, span, random)).toEqual([
      ['vision', 'block', ['linear', 'raw-pixels']],
      ['text', 'span', ['linear', 'majority']],
      ['text', 'random', ['interpolate', 'majority']],
    ]);
  });

  it('shows controls by themselves while nothing else is finished', () => {
    expect(groupsOf(makeControl('raw-pixels'))).toEqual([['vision', null, ['raw-pixels']]]);
  });
});
