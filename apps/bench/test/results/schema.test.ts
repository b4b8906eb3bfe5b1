import { describe, expect, it } from 'vitest';
import { assembleResults } from '../../src/results/assemble.ts';
import { resultsSchema } from '../../src/results/schema.ts';
import { stampsOf } from '../../src/results/stamps.ts';
import { summarizeRuns } from '../../src/results/summarize.ts';
import { makeControl, makeResults, makeRun } from '../fixtures/results.ts';

const startedAt = '2026-11-22T00:00:00.000Z';

describe('resultsSchema', () => {
  it('takes what is assembled from runs, through JSON and back', () => {
    const { command, machine, versions, backend, data, runs } = makeResults();
    const context = {
      startedAt,
      command,
      machine,
      versions,
      backend,
      data,
      plan: runs.map(({ id }) => id),
      configuration: { preset: 'quick', images: null, seeds: [0, 1, 2] },
    };
    const results = assembleResults(context, { isComplete: true, runs, operators: [], engine: [] });
    expect(resultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
    expect(results.summaries.length).toBeGreaterThan(0);
    expect(results.comparisons.length).toBeGreaterThan(0);
  });

  it('refuses another version, and fields that it does not know', () => {
    expect(resultsSchema.safeParse({ ...makeResults(), schemaVersion: 1 }).success).toBe(false);
    expect(resultsSchema.safeParse({ ...makeResults(), more: 1 }).success).toBe(false);
  });
});

/** Stamps of a method with this linear probe beside a random encoder with 0.4. */
function stampsWithProbe(accuracy: number, metric = 'linearProbe'): string {
  const runs = [
    makeRun({ metrics: { heldOutLoss: 0.6, [metric]: accuracy } }),
    makeControl('random-init', { metrics: { [metric]: 0.4 } }),
  ];
  return stampsOf(makeResults({ data: [], configuration: {}, summaries: summarizeRuns(runs) })).join();
}

/** Stamps of a mask token with these losses, one for each seed, beside a method that learns. */
function stampsAtLosses(...losses: number[]): string[] {
  const runs = losses.flatMap((heldOutLoss, seed) => [
    makeRun({ method: 'mask-token', seed, metrics: { heldOutLoss } }),
    makeRun({ method: 'linear', seed, metrics: { heldOutLoss: 0.6 } }),
  ]);
  return stampsOf(makeResults({ data: [], configuration: {}, runs, summaries: summarizeRuns(runs) }));
}

describe('stampsOf', () => {
  it('tells when no pre-trained encoder beats the random one', () => {
    expect(stampsWithProbe(0.39)).toContain('no linear probe beats a random encoder');
    expect(stampsWithProbe(0.41)).not.toContain('no linear probe beats');
    expect(stampsWithProbe(0.39, 'linearProbe@trec')).toContain("no linear probe on trec beats a random encoder's");
  });

  it('tells which methods learned nothing, in no seed', () => {
    expect(stampsAtLosses(1, 0.99)).toEqual([
      expect.stringMatching(/^Images: .*: mask-token learned nothing, by the loss/),
    ]);
    expect(stampsAtLosses(1, 0.9)).toEqual([]);
  });

  it('tells an interrupted run of one seed', () => {
    const results = makeResults({ complete: false, summaries: [], configuration: { preset: 'quick' }, data: [] });
    expect(stampsOf(results)).toEqual(['not complete: not all runs are here']);
    const { summaries } = assembleResults(
      { ...results, startedAt, data: [], configuration: {} },
      { isComplete: true, runs: [makeRun()], operators: [], engine: [] },
    );
    expect(stampsOf({ ...results, complete: true, summaries })).toEqual(['one seed: no interval, no conclusion']);
  });
});
