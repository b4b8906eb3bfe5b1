import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseBackend } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experimentsSchema } from '../../../src/experiments/description.ts';
import { openDetectionData } from '../../../src/experiments/detection/data.ts';
import { openSuites } from '../../../src/experiments/open-suites.ts';
import type { Suite } from '../../../src/experiments/suite.ts';
import { drawBoxes } from '../../fixtures/draw-boxes.ts';
import { estimateContext } from '../../fixtures/estimate-context.ts';
import { makeRun } from '../../fixtures/results.ts';
import { runCell, trainedSteps } from '../../fixtures/run-cell.ts';
import { tinyExperiments } from '../../fixtures/tiny-experiments.ts';
import { outcomeWithoutTimes } from '../../fixtures/without-times.ts';

const { vision } = tinyExperiments;
const numSteps = vision.encoders['convnet-tiny'].optimization.numSteps;
const detection = {
  encoder: 'convnet-tiny',
  methods: ['linear'],
  height: 32,
  width: 48,
  numSteps: 40,
  batchSize: 4,
  learningRate: 1e-2,
} as const;

let folder: string;
beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 1 });
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-detection-'));
  await drawBoxes(path.join(folder, 'squares'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The images' suite and the one that builds on it, which share the encoders that are trained. */
async function open(changes: object = {}): Promise<{ images: Suite; detection: Suite }> {
  const experiments = experimentsSchema.parse({
    name: 'tiny',
    seeds: 2,
    vision: { ...vision, model: { ...vision.model, patchSize: 4 }, probes: {} },
    detection: { ...detection, ...changes },
  });
  const given = path.join(folder, 'squares');
  const sources = { images: [], detection: { path: given, given }, text: [], probeText: [], tokenizer: null };
  const {
    suites: [images, boxes],
  } = await openSuites(experiments, experiments, sources);
  return { images: images!, detection: boxes! };
}

describe('the detection suite', () => {
  it('has the baseline and the methods with their masks, and two controls without, for each seed', async () => {
    const { detection: suite } = await open();
    const described = suite.cells.map(({ masking, method, role, seed }) => `${masking} ${method} ${role} ${seed}`);
    const ofSeed = [
      'block mask-token baseline',
      'block linear method',
      'null random-init control',
      'null supervised control',
    ];
    expect(described).toEqual([0, 1].flatMap((seed) => ofSeed.map((cell) => `${cell} ${seed}`)));
    expect(new Set(suite.cells.map(({ encoder }) => encoder))).toEqual(new Set(['convnet-tiny']));
  });

  it('describes the pictures that encoders are trained on, and those with boxes', async () => {
    const { detection: suite } = await open();
    expect(suite.data.map(({ suite: name, use, classes }) => [name, use, classes.length])).toEqual([
      ['detection', ['pre-training', 'probes'], 12],
      ['detection', ['probes'], 2],
    ]);
    expect(suite.data[1]).toMatchObject({ name: 'squares', numTrain: 6, numTest: 3, notes: ['18 boxes'] });
  });

  it('scores by average precision, draws what was found, and leaves no tensor behind', async () => {
    const { detection: suite } = await open();
    const before = tf.memory().numTensors;
    const { outcome, events } = await runCell(suite, 'linear');
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(outcome?.metrics ?? {})).toEqual(['ap50', 'ap']);
    const { ap50 = Number.NaN, ap = Number.NaN } = outcome?.metrics ?? {};
    expect(ap50).toBeGreaterThan(0.5);
    expect(ap50).toBeLessThanOrEqual(1);
    expect(ap).toBeGreaterThan(0);
    expect(ap).toBeLessThanOrEqual(ap50);
    expect(outcome?.pictures.map(({ kind, numPictures }) => [kind, numPictures])).toEqual([['detections', 3]]);
    expect(trainedSteps(events)).toBe(numSteps);
  });

  it('takes the encoder that a run of the images trained, with the same result as if it trained the same by itself', async () => {
    const { images, detection: suite } = await open();
    await runCell(images, 'convnet-tiny linear');
    const { outcome, events } = await runCell(suite, 'linear');
    expect(trainedSteps(events)).toBe(0);
    const alone = await runCell((await open()).detection, 'linear');
    expect(trainedSteps(alone.events)).toBe(numSteps);
    expect(outcomeWithoutTimes(outcome)).toEqual(outcomeWithoutTimes(alone.outcome));
  });

  it('trains no encoder for one control, and on the labels for the other, as many steps as in pre-training', async () => {
    const { detection: suite } = await open();
    const drawn = await runCell(suite, 'random-init');
    expect(drawn.events.map(({ phase }) => phase)).toEqual(['detection']);
    const before = tf.memory().numTensors;
    const supervised = await runCell(suite, 'supervised');
    expect(tf.memory().numTensors).toBe(before);
    const labelled = supervised.events.filter(({ phase }) => phase === 'training on the labels');
    expect(labelled.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(trainedSteps(supervised.events)).toBe(0);
    expect(labelled.at(-1)?.loss).toBeLessThan(labelled[0]?.loss ?? 0);
  });

  it.each(['linear', 'random-init', 'supervised'])('ends %s without a result when it is stopped', async (method) => {
    const { detection: suite } = await open();
    const before = tf.memory().numTensors;
    expect((await runCell(suite, method, AbortSignal.abort())).outcome).toBeUndefined();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps a cell as it is when methods are added', async () => {
    const [few, more] = [(await open()).detection, (await open({ methods: ['linear', 'nearest'] })).detection];
    const [before, after] = [few, more].map(({ cells }) => cells.find(({ method }) => method === 'linear'));
    expect(after).toEqual(before);
    expect(more.cells).toHaveLength(few.cells.length + 2);
  });

  it('refuses a folder without boxes by the name of its option', async () => {
    await mkdir(path.join(folder, 'empty'));
    const empty = openDetectionData({ path: path.join(folder, 'empty'), given: 'empty' });
    await expect(empty).rejects.toThrow(/^--detection: .*expected Pascal VOC .* or COCO/);
  });

  it('refuses an encoder that the images do not have', async () => {
    await expect(open({ encoder: 'vit-huge' })).rejects.toThrow("vision: no encoder is labelled 'vit-huge'");
  });
});

describe('the estimate of detection', () => {
  it('is timed where nothing is finished: the head for all, training for those whose encoder nothing else trains', async () => {
    const { images, detection: suite } = await open();
    const context = estimateContext();
    const before = tf.memory().numTensors;
    const alone = await suite.estimateMs(suite.cells, context);
    expect(tf.memory().numTensors).toBe(before);
    const timeOf = (estimates: typeof alone, method: string) =>
      estimates.get(suite.cells.find((cell) => cell.method === method)!) ?? Number.NaN;
    expect(timeOf(alone, 'random-init')).toBeGreaterThan(0);
    for (const method of ['mask-token', 'linear', 'supervised']) {
      expect(timeOf(alone, method)).toBeGreaterThan(timeOf(alone, 'random-init'));
    }

    await images.estimateMs(images.cells, context);
    const shared = await suite.estimateMs(suite.cells, context);
    for (const method of ['mask-token', 'linear']) {
      expect(timeOf(shared, method)).toBe(timeOf(shared, 'random-init'));
    }
    expect(timeOf(shared, 'supervised')).toBeGreaterThan(timeOf(shared, 'random-init'));
  });

  it('is that of finished runs where there are some', async () => {
    const { images, detection: suite } = await open();
    const { dataset, encoder } = suite.cells[0]!;
    const finish = (method: string, pretrainMs: number, probeMs: number, changes: Parameters<typeof makeRun>[0]) =>
      makeRun({ method, dataset, encoder, durations: { pretrainMs, probeMs, totalMs: 0 }, ...changes });
    const context = estimateContext([
      finish('linear', 70_000, 1000, { suite: 'vision', masking: 'block' }),
      finish('linear', 5, 3000, { suite: 'detection', masking: 'block' }),
      finish('supervised', 90_000, 3000, { suite: 'detection', masking: null, role: 'control' }),
    ]);
    const ofSeed1 = suite.cells.filter(({ seed }) => seed === 1);
    const estimates = await suite.estimateMs(ofSeed1, context);
    expect(context.onTiming).not.toHaveBeenCalled();
    // The encoders were trained in another process, and so have to be again.
    expect(ofSeed1.map((cell) => [cell.method, estimates.get(cell)])).toEqual([
      ['mask-token', 73_000],
      ['linear', 73_000],
      ['random-init', 3000],
      ['supervised', 93_000],
    ]);
    expect(images.cells.length).toBeGreaterThan(0);
  });
});
