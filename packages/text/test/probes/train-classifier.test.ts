import { join } from 'node:path';
import { InputError } from '@qb-heat/core';
import { createRandom, readCheckpoint, restoreEncoder, saveEncoder } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { createTextEncoder } from '../../src/encoders/create-encoder.ts';
import type { TextEncoder, TextEncoderConfig } from '../../src/encoders/text-encoder.ts';
import { fineTuneText, probeTextTran1 } from '../../src/probes/train-classifier.ts';
import { folderWith } from '../data/files.ts';
import { handMadeTokenizer } from '../fixtures.ts';

const { vocabSize } = handMadeTokenizer;
const sizes = { kind: 'transformer', dim: 8, depth: 1, numHeads: 2, positions: 'learned', dropoutRate: 0.1 } as const;
const encoder = createTextEncoder({ vocabSize, length: 10, ...sizes }, createRandom(1));
afterAll(() => encoder.dispose());

/** Which of two words comes first decides. */
const pairs = ['the dog barks cat .', 'the cat barks dog .', 'dog sees a cat', 'a cat sees dog'];
const split = (count: number) => ({
  texts: Array.from({ length: count }, (_, index) => pairs[index % 4]!),
  labels: Int32Array.from({ length: count }, (_, index) => index % 2),
});
const data = { classes: ['dog', 'cat'], train: split(64), test: split(8) };
const options = { seed: 1, numEpochs: 8, batchSize: 16, learningRate: 1.5e-2 };

/** All texts of three words. */
const words = ['the', 'dog', 'cat', 'sees', 'a'].flatMap((first, _, all) =>
  all.flatMap((second) => all.map((third) => `${first} ${second} ${third}`)),
);

/** The encoder with another scale and origin of each channel, of powers of two: little is lost to rounding. */
const rescaled: TextEncoder = {
  config: encoder.config,
  parameters: encoder.parameters,
  embedding: encoder.embedding,
  takesGaps: encoder.takesGaps,
  embed: (...inputs) => encoder.embed(...inputs),
  transform: (...inputs) =>
    tf.tidy(() => {
      const scale = tf.tensor1d([1, 2, 4, 8, 16, 0.5, 0.25, 2]);
      return tf.add(tf.mul(encoder.transform(...inputs), scale), tf.tensor1d([0, 4, -8, 2, 16, -1, 2, 8]));
    }),
  apply: (ids, positions, padding, context) =>
    rescaled.transform(rescaled.embed(ids, positions), positions, padding, context),
  dispose: () => {},
};

it('the tran-1 probe learns an order of words from a frozen encoder, and leaves it as it is', async () => {
  const before = [...encoder.parameters.values()].map((variable) => Array.from(variable.dataSync()));
  const { accuracy, predictions } = await probeTextTran1(encoder, handMadeTokenizer, data, options);
  expect(accuracy).toBe(1);
  expect(predictions).toEqual(data.test.labels);
  expect([...encoder.parameters.values()].map((variable) => Array.from(variable.dataSync()))).toEqual(before);
});

it('the tran-1 probe sees no scale and no shift of a channel of the features', async () => {
  const brief = { ...options, numEpochs: 3, learningRate: 1e-3 };
  const mixed = { ...data, test: { texts: words, labels: new Int32Array(words.length) } };
  const { predictions } = await probeTextTran1(encoder, handMadeTokenizer, mixed, brief);
  const { predictions: ofRescaled } = await probeTextTran1(rescaled, handMadeTokenizer, mixed, brief);
  expect(new Set(predictions).size).toBe(2);
  expect(ofRescaled).toEqual(predictions);
});

it.each([undefined, { at: 'embeddings' }, { at: 'features', alpha: 0.1 }] as const)(
  'fine-tuning with mixup %j learns it too, on a copy of the encoder',
  async (mixup) => {
    const before = encoder.embedding.table.arraySync();
    const more = mixup ? { mixup } : {};
    expect((await fineTuneText(encoder, handMadeTokenizer, data, { ...options, ...more })).accuracy).toBe(1);
    expect(encoder.embedding.table.arraySync()).toEqual(before);
  },
);

it('gives the same to the bit twice, also from a checkpoint, and leaves no tensor behind', async () => {
  const path = join(await folderWith({}), 'encoder.safetensors');
  await saveEncoder(path, { encoder: encoder.parameters, config: encoder.config });
  const before = tf.memory().numTensors;
  const checkpoint = await readCheckpoint(path);
  if (checkpoint.kind !== 'encoder') throw new Error('expected the checkpoint of an encoder');
  const restored = createTextEncoder(checkpoint.config as TextEncoderConfig);
  restoreEncoder(checkpoint, restored.parameters);
  for (const probe of [probeTextTran1, fineTuneText]) {
    const brief = { ...options, numEpochs: 1 };
    const [first, second] = [
      await probe(encoder, handMadeTokenizer, data, brief),
      await probe(restored, handMadeTokenizer, data, brief),
    ];
    expect(second).toEqual(first);
  }
  restored.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it.each([probeTextTran1, fineTuneText])('%o stops when told so', async (probe) => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(probe(encoder, handMadeTokenizer, data, { ...options, signal })).rejects.toThrow('enough');
});

it.each([
  [
    { ...data, test: { texts: ['a'], labels: Int32Array.of(2) }, classes: ['dog', 'cat', 'owl'] },
    /the test texts have label 2 \('owl'\), which no training text has/,
  ],
  [{ ...data, train: { texts: ['a'], labels: new Int32Array(0) } }, /the training texts have 0 labels for 1 texts/],
])('refuses labels that cannot be learned', async (wrong, message) => {
  const probing = probeTextTran1(encoder, handMadeTokenizer, wrong, options);
  await expect(probing).rejects.toThrow(InputError);
  await expect(probing).rejects.toThrow(message);
});
