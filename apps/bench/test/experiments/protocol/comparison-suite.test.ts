import { chooseBackend } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Suite } from '../../../src/experiments/suite.ts';
import { openTextData } from '../../../src/experiments/text/data.ts';
import { createTextSuite } from '../../../src/experiments/text/suite.ts';
import { openVisionData } from '../../../src/experiments/vision/data.ts';
import { createVisionSuite } from '../../../src/experiments/vision/suite.ts';
import { runCell } from '../../fixtures/run-cell.ts';
import { makeTiny, tinyExperiments } from '../../fixtures/tiny-experiments.ts';
import { estimateContext } from '../../fixtures/estimate-context.ts';
import { makeRun } from '../../fixtures/results.ts';
import { outcomeWithoutTimes } from '../../fixtures/without-times.ts';

const sources = { images: [], detection: null, text: [], probeText: [], tokenizer: null };
const experiments = makeTiny();

beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 1 });
});

describe('the image suite', () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = createVisionSuite(await openVisionData(null, experiments.vision!), experiments.vision!, [0, 1]);
  });

  it('has baselines, methods and a random encoder per seed and encoder, and the other controls once', () => {
    const ofSeed = (seed: number) =>
      suite.cells
        .filter((cell) => cell.seed === seed && cell.encoder !== null)
        .map(({ encoder, masking, method, role }) => `${encoder} ${masking} ${method} ${role}`);
    expect(ofSeed(0)).toEqual([
      'vit-tiny block mask-token baseline',
      'vit-tiny block linear method',
      'vit-tiny random mask-token baseline',
      'vit-tiny random harmonic method',
      'vit-tiny null random-init control',
      'convnet-tiny block mask-token baseline',
      'convnet-tiny block linear method',
      'convnet-tiny null random-init control',
    ]);
    expect(ofSeed(1)).toEqual(ofSeed(0));
    const others = suite.cells.filter(({ encoder }) => encoder === null);
    expect(others.map(({ method, seed }) => [method, seed])).toEqual([
      ['raw-pixels', 0],
      ['majority', 0],
    ]);
  });

  it('trains, scores, probes and draws a method, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const { outcome, events } = await runCell(suite, 'vit-tiny linear');
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(outcome?.metrics ?? {})).toEqual(['heldOutLoss', 'knn', 'tran1', 'fineTune']);
    expect(outcome?.metrics['heldOutLoss']).toBeLessThan(outcome?.training?.initialLoss ?? 0);
    expect(outcome?.training?.lossCurve).toHaveLength(tinyExperiments.vision.optimization.numSteps);
    expect(outcome?.training?.referenceLoss).toBeGreaterThan(0.5);
    expect(outcome?.pictures.map(({ kind, numPictures }) => [kind, numPictures])).toEqual([
      ['reconstruction', 8],
      ['features', 8],
      ['heat-figure', 4],
    ]);
    expect(events.filter(({ phase }) => phase === 'pre-training').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    // A grid of 4 × 4 patches with a block of 2 × 2 in its middle: every other patch is one step away.
    expect(outcome?.curves['lossByDistance']?.map(({ x }) => x)).toEqual([1]);
    expect(outcome?.curves['r2Linear']?.map(({ x }) => x)).toEqual([1, 2, 3]);
    expect(outcome?.curves['r2Copy']).toHaveLength(3);
  });

  it('trains an encoder by what is set otherwise for it', async () => {
    const { outcome } = await runCell(suite, 'convnet-tiny linear');
    expect(outcome?.training?.numSteps).toBe(4);
  });

  it('gives the same result for the same cell', async () => {
    const [first, second] = [await runCell(suite, 'vit-tiny linear'), await runCell(suite, 'vit-tiny linear')];
    expect(outcomeWithoutTimes(first.outcome)).toEqual(outcomeWithoutTimes(second.outcome));
  });

  it('probes the encoder that the methods start from as its control', async () => {
    const { outcome } = await runCell(suite, 'vit-tiny random-init');
    expect(Object.keys(outcome?.metrics ?? {})).toEqual(['knn', 'tran1', 'fineTune']);
    expect(outcome?.training).toBeNull();
  });

  it('probes raw pixels and the majority class', async () => {
    expect((await runCell(suite, 'raw-pixels')).outcome?.metrics['knn']).toBeGreaterThan(0);
    const { outcome } = await runCell(suite, 'majority');
    // 24 test images in 12 classes of equal share, as far as 24 permutes: any one class has two.
    expect(outcome?.metrics).toEqual({ knn: 2 / 24 });
  });

  it('ends without a result when it is stopped', async () => {
    const before = tf.memory().numTensors;
    expect((await runCell(suite, 'vit-tiny linear', AbortSignal.abort())).outcome).toBeUndefined();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('estimates a time for every cell, less for those that are not trained', async () => {
    const before = tf.memory().numTensors;
    const estimates = await suite.estimateMs(suite.cells, estimateContext());
    expect(tf.memory().numTensors).toBe(before);
    const timeOf = (encoder: string | null, method: string): number => {
      const cell = suite.cells.find((one) => one.method === method && one.encoder === encoder);
      return (cell && estimates.get(cell)) ?? Number.NaN;
    };
    expect(timeOf('vit-tiny', 'linear')).toBeGreaterThan(timeOf('vit-tiny', 'random-init'));
    expect(timeOf('vit-tiny', 'random-init')).toBeGreaterThan(0);
    expect(timeOf(null, 'majority')).toBe(0);
  });

  it('estimates by finished runs of the kind where there are some, and times nothing then', async () => {
    const linear = suite.cells.find(
      (cell) => cell.method === 'linear' && cell.encoder === 'vit-tiny' && cell.seed === 1,
    )!;
    const { suite: name, dataset, encoder, masking } = linear;
    const durations = { pretrainMs: 5000, probeMs: 2000, totalMs: 7000 };
    const run = makeRun({ suite: name, dataset, encoder, masking, method: 'linear', durations });
    const context = estimateContext([run]);
    const sameRole = { ...linear, method: 'nearest' };
    const estimates = await suite.estimateMs([linear, sameRole], context);
    expect([estimates.get(linear), estimates.get(sameRole)]).toEqual([7000, 7000]);
    expect(context.onTiming).not.toHaveBeenCalled();

    const otherEncoder = suite.cells.find((cell) => cell.method === 'linear' && cell.encoder === 'convnet-tiny')!;
    expect((await suite.estimateMs([otherEncoder], context)).get(otherEncoder)).toBeLessThan(7000);
    expect(context.onTiming).toHaveBeenCalledOnce();
  });

  it('refuses what cannot be built before anything runs', async () => {
    const block = { methods: ['linear', 'least-squares'] };
    const { vision } = makeTiny({ vision: { comparisons: { block } } });
    const data = await openVisionData(null, vision!);
    expect(() => createVisionSuite(data, vision!, [0])).toThrow(/vision vit-tiny block least-squares: .*least-squares/);
  });
});

describe('the text suite', () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = createTextSuite(await openTextData(sources, experiments.text!), experiments.text!, [0]);
  });

  it('compares by masking, with two baselines where there are two', () => {
    const methods = suite.cells.filter(({ role }) => role !== 'control');
    expect(methods.map(({ masking, method, role }) => `${masking} ${method} ${role}`)).toEqual([
      'span mask-token baseline',
      'span linear method',
      'random mask-token baseline',
      'random bert-80-10-10 baseline',
      'random interpolate method',
    ]);
  });

  it.each(['span linear', 'random interpolate', 'random bert-80-10-10'])(
    'trains, scores and probes %s',
    async (words) => {
      const before = tf.memory().numTensors;
      const { outcome } = await runCell(suite, words);
      expect(tf.memory().numTensors).toBe(before);
      expect(Object.keys(outcome?.metrics ?? {})).toEqual(['heldOutLoss', 'maskedAccuracy', 'knn', 'linearProbe']);
      const { initialLoss = Number.NaN, referenceLoss = Number.NaN } = outcome?.training ?? {};
      // It starts from how often words come, and a few steps move it.
      expect(initialLoss).toBeCloseTo(referenceLoss, 1);
      expect(outcome?.metrics['heldOutLoss']).not.toBe(initialLoss);
      expect(outcome?.training?.lossCurve).toHaveLength(tinyExperiments.text.optimization.numSteps);
      // Knowing how often words come is worth more than knowing nothing, and less than log of the vocabulary.
      expect(referenceLoss).toBeLessThan(Math.log(tinyExperiments.text.vocabSize));
      expect(outcome?.curves['lossByDistance']?.[0]?.x).toBe(1);
      expect(outcome?.curves['accuracyByDistance']).toHaveLength(outcome?.curves['lossByDistance']?.length ?? 0);
      expect(outcome?.curves['r2Linear']).toHaveLength(3);
    },
  );

  it('tells classes apart by words alone', async () => {
    for (const control of ['tf-idf', 'tf-idf-cut']) {
      const { outcome } = await runCell(suite, control);
      expect(Object.keys(outcome?.metrics ?? {})).toEqual(['linearProbe']);
      expect(outcome?.metrics['linearProbe']).toBeGreaterThan(2 / 8);
    }
  });
});
