import { describe, expect, it } from 'vitest';
import { describeData } from '../../src/results/describe-run.ts';
import { makeResults } from '../fixtures/results.ts';

const [vision] = makeResults().data;

describe('describeData', () => {
  it('tells origin, size and classes', () => {
    expect(describeData({ ...vision!, synthetic: false })).toBe(
      'vision data: synthetic vision (as given), 1,000 train, 200 test, 2 classes',
    );
  });

  it('says what cannot be probed, which boxes of one class can', () => {
    const classes = ['cell'];
    expect(describeData({ ...vision!, use: ['pre-training'], classes })).toMatch(/, no classes, so no probes$/);
    expect(describeData({ ...vision!, suite: 'detection', use: ['probes'], classes })).toMatch(/, 1 class$/);
  });
});
