import { describe, expect, it } from 'vitest';
import { compareWithBaselines, summarizeRuns } from '../../src/results/summarize.ts';
import { renderCsv, renderMarkdown } from '../../src/results/tables.ts';
import { askQuestions } from '../../src/results/verdicts.ts';
import { makeControl, makeRun } from '../fixtures/results.ts';

describe('renderCsv', () => {
  it('has a row per run and a column per metric, and quotes what needs it', () => {
    const runs = [
      makeRun({ dataset: 'cats, "dogs"', metrics: { knn: 0.5, heldOutLoss: 0.25 } }),
      makeControl('majority', { metrics: { knn: 0.1 } }),
    ];
    const lines = renderCsv({ runs }).trimEnd().split('\n');
    expect(lines[0]).toBe(
      'suite,dataset,encoder,masking,method,role,seed,heldOutLoss,knn,numSteps,batchSize,numParameters,itemsPerSecond,pretrainMs,probeMs,totalMs,id',
    );
    expect(lines[1]).toBe(
      'vision,"cats, ""dogs""",vit-atto,block,linear,method,0,0.25,0.5,300,64,812345,1234.5,12340,2100,14440,vision-block-linear-0',
    );
    expect(lines[2]).toBe('vision,synthetic vision,,,majority,control,0,,0.1,,,,,0,900,900,vision-none-majority-0');
  });
});

describe('renderMarkdown', () => {
  it('has the paired differences with their intervals, a table per baseline, and what they say', () => {
    const runs = [0, 1].flatMap((seed) => [
      makeRun({ method: 'mask-token', seed, metrics: { knn: 0.5 } }),
      makeRun({ seed, metrics: { knn: 0.6 + 0.02 * seed } }),
    ]);
    const comparisons = compareWithBaselines(runs);
    // Mean 0.11; t₀.₉₇₅(1) · s / √2 = 12.7062 · 0.01 = 0.127.
    const text = renderMarkdown({ summaries: [], comparisons, verdicts: askQuestions(comparisons) });
    expect(text).toContain('synthetic vision · vit-atto, minus mask-token**');
    expect(text).toContain('| linear |     2 | +0.110 (−0.017 to +0.237) |');
    expect(text.trimEnd().split('\n').slice(-5)).toEqual([
      '## Verdicts',
      '',
      '**Images: one visible block · synthetic vision · vit-atto**',
      '',
      '- Is linear better than mask-token? Over 2 seeds: open in kNN.',
    ]);
  });

  it('has a table per comparison and probed set, with half the interval where there is one', () => {
    const runs = [
      ...[0, 1].map((seed) => makeRun({ seed, metrics: { knn: 0.5 + 0.1 * seed, 'knn@trec': 0.25 } })),
      makeControl('majority', { metrics: { knn: 0.1 } }),
    ];
    // Mean 0.55; t₀.₉₇₅(1) · s / √2 = 12.7062 · 0.05 = 0.635.
    expect(renderMarkdown({ summaries: summarizeRuns(runs), comparisons: [], verdicts: [] })).toBe(
      [
        '**Images: one visible block · synthetic vision · vit-atto**',
        '',
        '| method   | seeds |           kNN | time per run |',
        '| -------- | ----: | ------------: | -----------: |',
        '| linear   |     2 | 0.550 ± 0.635 |         14 s |',
        '| majority |     1 |         0.100 |        0.9 s |',
        '',
        '**Images: one visible block · synthetic vision · vit-atto, probed on trec**',
        '',
        '| method | seeds |   kNN | time per run |',
        '| ------ | ----: | ----: | -----------: |',
        '| linear |     2 | 0.250 |         14 s |',
        '',
      ].join('\n'),
    );
  });
});
