import { AdamW, constantRate, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { ImageBackbone, ImageClassifier, classifyImages, createMaskSampler, trainingBatches } from '../src/index.ts';
import type { ImageClassifierOptions } from '../src/index.ts';
import { tinyImage, tinyOptions } from './models.ts';

const { patchSize, encoder } = tinyOptions;
const options: ImageClassifierOptions = { numClasses: 2, head: 'linear', isFrozen: false, numHeads: 2, seed: 1 };

/** Class 0 is brighter above, class 1 below. */
const split = {
  images: Uint8Array.from({ length: 10 * 192 }, (_, i) => {
    const [label, isAbove] = [Math.floor(i / 192) % 2, i % 192 < 96];
    return ((label === 0) === isAbove ? 180 : 60) + ((i * 7919) % 40);
  }),
  labels: Int32Array.from({ length: 10 }, (_, i) => i % 2),
};

function createBackbone(): ImageBackbone {
  return new ImageBackbone({ image: tinyImage, patchSize, encoder });
}

async function train(classifier: ImageClassifier, numSteps: number): Promise<number[]> {
  const sampleMask = createMaskSampler({ kind: 'block', position: 'center' }, classifier.backbone.grid);
  const { source } = trainingBatches(split, tinyImage, { batchSize: 10, sampleMask, seed: 1 });
  const optimizer = new AdamW(classifier.parameters);
  const losses: number[] = [];
  const run = pretrain(classifier, { batches: source, optimizer, schedule: constantRate(1e-2), numSteps });
  for await (const { loss } of run) losses.push(loss);
  return losses;
}

async function weightsOf(backbone: ImageBackbone): Promise<Float32Array[]> {
  return Promise.all([...backbone.parameters.values()].map((variable) => variable.data<'float32'>()));
}

test.each([
  ['fine-tuning', { isFrozen: false, head: 'linear' }],
  ['tran-1 on the frozen encoder', { isFrozen: true, head: 'tran-1' }],
] as const)('%s tells apart what it is shown', async (_, changes) => {
  const classifier = new ImageClassifier(createBackbone(), { ...options, ...changes });
  const losses = await train(classifier, 25);
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.1);
  expect(await classifyImages(classifier, split, 4)).toEqual(split.labels);
});

test('a frozen encoder keeps its weights, a fine-tuned one does not', async () => {
  const backbone = createBackbone();
  const before = await weightsOf(backbone);
  await train(new ImageClassifier(backbone, { ...options, isFrozen: true }), 2);
  expect(await weightsOf(backbone)).toEqual(before);
  await train(new ImageClassifier(backbone, options), 2);
  expect(await weightsOf(backbone)).not.toEqual(before);
});

test('a copy is trained without touching the original', async () => {
  const backbone = createBackbone();
  const before = await weightsOf(backbone);
  const copy = backbone.copy();
  expect(await weightsOf(copy)).toEqual(before);
  await train(new ImageClassifier(copy, options), 2);
  expect(await weightsOf(backbone)).toEqual(before);
});

test('a head that starts near zero is undecided: the first loss is ln 2', async () => {
  const [loss] = await train(new ImageClassifier(createBackbone(), options), 1);
  expect(Math.abs(loss! - Math.LN2)).toBeLessThan(0.1);
});

test('disposing leaves the encoder to its owner', () => {
  const backbone = createBackbone();
  const before = tf.memory().numTensors;
  new ImageClassifier(backbone, { ...options, head: 'tran-1' }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('heads that do not divide the channels, and a single class, are refused', () => {
  const backbone = createBackbone();
  const refuse = (changes: Partial<ImageClassifierOptions>) =>
    expect(() => new ImageClassifier(backbone, { ...options, ...changes }));
  refuse({ head: 'tran-1', numHeads: 3 }).toThrow("numHeads must divide the encoder's 16 channels, got 3");
  refuse({ numClasses: 1 }).toThrow('numClasses must be a whole number of at least 2, got 1');
});
