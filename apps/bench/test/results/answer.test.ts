import { describe, expect, it } from 'vitest';
import { answerInThree } from '../../src/results/answer.ts';
import type { Run } from '../../src/results/schema.ts';
import { compareWithBaselines } from '../../src/results/summarize.ts';
import { makeResults, makeRun } from '../fixtures/results.ts';

const seeds = [0, 1, 2];

/** Runs of a baseline at 0.5 and of a method that differs by `gain`, the seeds differing by `spread`. */
function makeRuns(place: Partial<Run>, gain: number, spread: number): Run[] {
  return seeds.flatMap((seed) => [
    makeRun({ ...place, method: 'mask-token', seed, metrics: { knn: 0.5 } }),
    makeRun({ ...place, method: 'linear', seed, metrics: { knn: 0.5 + gain + spread * (seed - 1) } }),
  ]);
}

/** Better on one probed set, worse on another, and open on the rest, for the method that is told by 1. */
function metricsAt(method: 0 | 1, seed: number): Record<string, number> {
  const noise = 0.1 * (seed - 1) * method;
  return {
    heldOutLoss: 0.5 - 0.1 * method + noise / 100,
    'knn@ag-news': 0.5 + noise,
    'knn@sst2': 0.5 + method * 0.1 + noise / 100,
    'knn@trec': 0.5 - method * 0.1 + noise / 100,
    'linearProbe@ag-news': 0.5 + noise,
    'linearProbe@sst2': 0.5 + noise,
  };
}

const answerOf = (...runs: Run[]): string[] =>
  answerInThree({ runs, comparisons: compareWithBaselines(runs), data: makeResults().data });

/** The answer for images where copying has this loss, the linear map about 0.5 and the mask token 0.6. */
function answerWithNearest(ofNearest: number): string | undefined {
  return answerOf(
    ...seeds.flatMap((seed) =>
      Object.entries({ 'mask-token': 0.6, linear: 0.5 + 0.001 * seed, nearest: ofNearest + 0.001 * seed }).map(
        ([method, heldOutLoss]) => makeRun({ method, seed, metrics: { heldOutLoss } }),
      ),
    ),
  )[0];
}

describe('answerInThree', () => {
  it('says for images, for text and for both what the intervals say', () => {
    const answer = answerOf(...makeRuns({}, 0.1, 0.001), ...makeRuns({ suite: 'text', masking: 'span' }, 0.2, 0.001));
    expect(answer).toHaveLength(3);
    expect(answer[0]).toBe(
      'Images (synthetic data, vit-atto): against mask-token, linear prediction from a visible block is better in kNN (+0.100).',
    );
    expect(answer[1]).toContain('is better in kNN (+0.200)');
    expect(answer[2]).toMatch(
      /^Images and text agree throughout that linear prediction is better in kNN; this rests on 3 seeds/,
    );
    expect(answer[2]).toContain('2 intervals of which 2 leave zero out');
  });

  it('claims nothing that an interval leaves open, nor agreement where there is none', () => {
    const answer = answerOf(...makeRuns({}, 0.01, 0.1), ...makeRuns({ suite: 'text', masking: 'span' }, 0.2, 0.001));
    expect(answer[0]).toContain('is undecided in kNN.');
    expect(answer[2]).toMatch(/^Of linear prediction nothing is decided alike throughout images and text;/);
  });

  it('tells filling from all sides too, and in which probed sets', () => {
    const runs = seeds.flatMap((seed) => [
      makeRun({ suite: 'text', masking: 'random', method: 'mask-token', seed, metrics: metricsAt(0, seed) }),
      makeRun({ suite: 'text', masking: 'random', method: 'interpolate', seed, metrics: metricsAt(1, seed) }),
    ]);
    expect(answerOf(...runs)[1]).toBe(
      'Text (synthetic data, transformer-nano): against mask-token, interpolation between random visible tokens is better ' +
        'in held-out loss (−0.1000) and kNN (+0.100 on sst2), worse in kNN (−0.100 on trec), undecided in the rest.',
    );
  });

  it('answers against other baselines, too, after the mask token', () => {
    const runs = seeds.flatMap((seed) =>
      Object.entries({
        'mask-token': 0.6,
        'bert-80-10-10': 0.4,
        interpolate: 0.5 + 0.001 * seed,
        'least-squares': 0.3 + 0.001 * seed,
      }).map(([method, heldOutLoss]) => {
        const role = ['mask-token', 'bert-80-10-10'].includes(method) ? 'baseline' : 'method';
        return makeRun({ suite: 'text', masking: 'random', method, role, seed, metrics: { heldOutLoss } });
      }),
    );
    expect(answerOf(...runs)[1]).toMatch(
      /visible tokens is better in held-out loss \(−0\.0990\); against bert-80-10-10 it is worse in held-out loss \(\+0\.1010\); a learned linear map between random visible tokens is better in held-out loss \(−0\.2990\); against bert-80-10-10 it is better in held-out loss \(−0\.0990\)\.$/,
    );
  });

  it('says which methods without a linear map are better in the loss, too', () => {
    expect(answerWithNearest(0.5)).toMatch(
      /better in held-out loss \(−0\.0990\); there nearest, without a learned linear map, is better in held-out loss, too\.$/,
    );
    expect(answerWithNearest(0.6)).not.toContain('nearest');
  });

  it('claims nothing of one seed', () => {
    const [first, , last] = answerOf(...makeRuns({}, 0.1, 0.001).filter(({ seed }) => seed === 0));
    expect(first).toMatch(/ is undecided, as one seed gives no interval\.$/);
    expect(last).toMatch(/^This rests on 1 seed, .* steps, no interval, and says nothing of larger models/);
  });

  it('claims nothing of seeds that all differ by the same', () => {
    const [first] = answerOf(...makeRuns({}, 0.1, 0));
    expect(first).toMatch(
      / is undecided, as the difference is equal in all seeds, so that there is no spread to judge by\.$/,
    );
  });

  it('names the data sets where there is more than one', () => {
    const other = { dataset: 'other pictures' };
    expect(answerOf(...makeRuns({}, 0.1, 0.001), ...makeRuns(other, -0.1, 0.001))[0]).toContain(
      ' is on synthetic vision better in kNN (+0.100); on other pictures worse in kNN (−0.100).',
    );
  });

  it('says where the mask token learned nothing', () => {
    const untrained = makeRuns({}, 0.1, 0.001);
    for (const { method, seed, metrics } of untrained) {
      metrics['heldOutLoss'] = method === 'mask-token' && seed > 0 ? 0.99 : 0.5;
    }
    expect(answerOf(...untrained)[0]).toMatch(
      /; there mask-token learned nothing in these steps in 2 of 3 runs, by its/,
    );
    expect(answerOf(...makeRuns({}, 0.1, 0.001)).join()).not.toContain('learned');
    for (const { metrics } of untrained) metrics['heldOutLoss'] = 0.99;
    expect(answerOf(...untrained)[0]).toMatch(/; there neither mask-token nor linear learned anything in these steps/);
  });

  it('says where the mask token begins to learn late, and the other does not', () => {
    const runs = makeRuns({}, 0.1, 0.001);
    for (const { method, training } of runs) {
      // Every second point of 100 steps, at the cost of knowing nothing until learning begins.
      const begin = method === 'mask-token' ? 60 : 20;
      const lossCurve = Array.from({ length: 50 }, (_, index) => ({
        step: 2 * index,
        loss: 2 * index < begin ? 1 : 0.5,
      }));
      Object.assign(training!, { lossCurve, numSteps: 100, referenceLoss: 1 });
    }
    expect(answerOf(...runs)[0]).toMatch(
      /; there mask-token begins to learn after 60 % of the steps, linear after 20 %, so/,
    );
  });

  it('says what was not compared, and nothing where nothing was', () => {
    expect(answerOf(...makeRuns({}, 0.1, 0.001))[1]).toBe('Text: linear prediction was not compared with mask-token.');
    expect(answerOf()).toEqual([]);
  });
});
