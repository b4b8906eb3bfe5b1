import { chooseBackend } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { experimentsSchema } from '../../../src/experiments/description.ts';
import { openSuites } from '../../../src/experiments/open-suites.ts';
import type { Suite } from '../../../src/experiments/suite.ts';
import { estimateContext } from '../../fixtures/estimate-context.ts';
import { makeRun } from '../../fixtures/results.ts';
import { runCell, trainedSteps } from '../../fixtures/run-cell.ts';
import { tinyExperiments } from '../../fixtures/tiny-experiments.ts';
import { outcomeWithoutTimes } from '../../fixtures/without-times.ts';

const { text } = tinyExperiments;
const { numSteps } = text.optimization;
const sentences = {
  encoder: 'transformer-tiny',
  pretraining: { masking: 'random', method: 'mask-token' },
  numTrain: 64,
  numTest: 32,
  numDistractors: 10,
  numSteps: 5,
} as const;

const noSources = { images: [], detection: null, text: [], probeText: [], tokenizer: null };

beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 1 });
});

/** The text's suite and the one that builds on it, which share the encoders that are trained. */
async function open(changes: object = {}): Promise<{ text: Suite; sentences: Suite }> {
  const experiments = experimentsSchema.parse({
    name: 'tiny',
    seeds: 2,
    text: { ...text, probes: {} },
    sentences: { ...sentences, ...changes },
  });
  const {
    suites: [ofText, ofSentences],
  } = await openSuites(experiments, experiments, noSources);
  return { text: ofText!, sentences: ofSentences! };
}

describe('the sentences suite', () => {
  it('has a cell for each predictor and seed, copying as the baseline', async () => {
    const { sentences: suite } = await open();
    const ofSeed = (seed: number) =>
      suite.cells.filter((cell) => cell.seed === seed).map(({ method, role }) => `${method} ${role}`);
    expect(ofSeed(0)).toEqual(['copy baseline', 'mean method', 'linear method', 'ridge method', 'mlp method']);
    expect(ofSeed(1)).toEqual(ofSeed(0));
    for (const { encoder, masking } of suite.cells) expect([encoder, masking]).toEqual(['transformer-tiny', null]);
  });

  it('is left out with a note where there are too few sentences, and refused where it is all that is asked for', async () => {
    const whole = experimentsSchema.parse({
      name: 'tiny',
      seeds: 1,
      text: { ...text, probes: {} },
      sentences: { ...sentences, numDistractors: 10_000 },
    });
    const { suites, notes } = await openSuites(whole, whole, noSources);
    expect(suites.map(({ name }) => name)).toEqual(['text']);
    expect(notes).toEqual([
      expect.stringMatching(
        /^sentences are left out: 10000 distractors need 10002 test sentences of a corpus, got \d+/,
      ),
    ]);
    const { text: _left, ...alone } = whole;
    await expect(openSuites(alone, whole, noSources)).rejects.toThrow(/^--text: too short for sentences: 10000/);
  });

  it('scores retrieval among distractors, the predictors of a seed at once', async () => {
    const { sentences: suite } = await open();
    const before = tf.memory().numTensors;
    const { outcome, events } = await runCell(suite, 'ridge');
    expect(tf.memory().numTensors).toBe(before);
    expect(trainedSteps(events)).toBe(numSteps);
    const { recall1 = -1, recall5 = -1, recall10 = -1, mrr = -1, ...others } = outcome?.metrics ?? {};
    expect(others).toEqual({});
    // A higher rank has the hits of the lower ones; by chance it is 5 in 11.
    expect(recall1).toBeGreaterThan(0);
    expect(recall5).toBeGreaterThan(recall1);
    expect(recall10).toBeGreaterThan(recall5);
    expect(recall10).toBeLessThanOrEqual(1);
    expect(mrr).toBeGreaterThan(recall1);
    expect(mrr).toBeLessThan(1);
    expect(outcome?.durations.pretrainMs).toBeGreaterThan(0);

    const next = await runCell(suite, 'copy');
    expect(next.events).toEqual([]);
    expect(next.outcome?.durations.pretrainMs).toBe(0);
    expect(next.outcome?.metrics['mrr']).not.toBe(mrr);
  });

  it('takes the encoder that a run of the text trained, with the same result as if it trained the same by itself', async () => {
    const { text: ofText, sentences: suite } = await open();
    await runCell(ofText, 'random mask-token');
    const { outcome, events } = await runCell(suite, 'linear');
    expect(trainedSteps(events)).toBe(0);
    const alone = await runCell((await open()).sentences, 'linear');
    expect(trainedSteps(alone.events)).toBe(numSteps);
    expect(outcomeWithoutTimes(outcome)).toEqual(outcomeWithoutTimes(alone.outcome));
  });

  it('ends without a result when it is stopped', async () => {
    const { sentences: suite } = await open();
    const before = tf.memory().numTensors;
    expect((await runCell(suite, 'linear', AbortSignal.abort())).outcome).toBeUndefined();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('describes the texts that it reads, not those that are only probed on', async () => {
    const { sentences: suite } = await open();
    expect(suite.data.map(({ suite: name, use, synthetic }) => [name, use, synthetic])).toEqual([
      ['sentences', ['pre-training'], true],
    ]);
  });

  it('refuses an encoder that the text does not have', async () => {
    await expect(open({ encoder: 'transformer-huge' })).rejects.toThrow(
      "text: no encoder is labelled 'transformer-huge'",
    );
  });
});

describe('the estimate of sentences', () => {
  it('is all in the first run of a seed, and free of pre-training where the text trains the encoder', async () => {
    const { text: ofText, sentences: suite } = await open();
    const context = estimateContext();
    const alone = [...(await suite.estimateMs(suite.cells, context)).values()];
    expect(alone.map((ms) => ms > 0)).toEqual([true, false, false, false, false, true, false, false, false, false]);
    await ofText.estimateMs(ofText.cells, context);
    const shared = [...(await suite.estimateMs(suite.cells, context)).values()];
    expect(shared).toEqual(alone.map(() => 0));
  });

  it('is that of finished runs where there are some', async () => {
    const { sentences: suite } = await open();
    const { dataset, encoder } = suite.cells[0]!;
    const finish = (changes: Parameters<typeof makeRun>[0], pretrainMs: number, probeMs: number) =>
      makeRun({ dataset, encoder, durations: { pretrainMs, probeMs, totalMs: 0 }, ...changes });
    const context = estimateContext([
      finish({ suite: 'text', masking: 'random', method: 'mask-token' }, 60_000, 1000),
      finish({ suite: 'sentences', masking: null, method: 'copy', role: 'baseline' }, 4, 5000),
      finish({ suite: 'sentences', masking: null, method: 'mean' }, 0, 1),
    ]);
    const pending = suite.cells.filter(({ seed, method }) => seed === 1 || method === 'mlp');
    const estimates = await suite.estimateMs(pending, context);
    expect(context.onTiming).not.toHaveBeenCalled();
    expect([...estimates.values()]).toEqual([65_000, 65_000, 0, 0, 0, 0]);
  });
});
