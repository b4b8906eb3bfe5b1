import { imageMethods } from '@qb-heat/vision';
import { textMethods } from '@qb-heat/text';
import { describe, expect, it } from 'vitest';
import { explainReading } from '../../src/readme/reading-guide.ts';
import { summarizeRuns } from '../../src/results/summarize.ts';
import { makeControl, makeRun } from '../fixtures/results.ts';

const explain = (...runs: Parameters<typeof summarizeRuns>[0][number][]) =>
  explainReading({ summaries: summarizeRuns(runs) });

describe('explainReading', () => {
  it('tells measures and methods of what is there, each method once and in order', () => {
    const metrics = { heldOutLoss: 0.5, 'tran1@trec': 0.4 };
    expect(
      explain(makeRun({ method: 'zero', metrics }), makeRun(), makeRun({ seed: 1 }), makeRun({ method: 'zero' })),
    ).toBe(
      'Of the held-out loss lower is better, of all else higher. ' +
        'Tran-1 is the accuracy of one transformer block on the frozen features. ' +
        'What the methods do with what is masked: `zero` leaves zeros; ' +
        '`linear` predicts cell by cell with one learned linear map for each axis.',
    );
  });

  it('leaves out what is unknown, and what is called so elsewhere', () => {
    const metrics = { recall1: 0.5 };
    const elsewhere = makeRun({ suite: 'sentences', masking: null, method: 'mean', metrics });
    expect(explain(makeRun({ method: 'my-own', metrics }), elsewhere, makeControl('zero', { metrics }))).toBe('');
    expect(explain(makeRun({ method: 'toString', metrics }))).toBe('');
  });

  it('knows methods that the libraries have', () => {
    const methods = [...Object.keys(imageMethods), ...textMethods];
    const told = explain(...methods.map((method) => makeRun({ method })));
    for (const [, name] of told.matchAll(/`([^`]+)`/g)) expect(methods).toContain(name);
    expect(told.match(/`[^`]+`/g)).toHaveLength(17);
  });
});
