import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { readCheckpoint, restoreEncoder, saveEncoder } from '@qb-heat/training';
import type { ProbeResult } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { ImageBackbone, fineTune, probeKnn, probeLinear, probeTran1 } from '../../src/index.ts';
import type { BackboneOptions, ImageDataset } from '../../src/index.ts';
import { tinyImage, tinyOptions } from '../models.ts';
import { smallDataset } from './small-dataset.ts';

type Probe = (backbone: ImageBackbone, data: ImageDataset) => Promise<ProbeResult>;

const probes: [string, Probe][] = [
  ['kNN', (backbone, data) => probeKnn(backbone, data, { k: 5 })],
  ['linear', (backbone, data) => probeLinear(backbone, data, { seed: 3 })],
  ['tran-1', (backbone, data) => probeTran1(backbone, data, { seed: 3, numEpochs: 12 })],
  [
    'fine-tune',
    (backbone, data) => fineTune(backbone, data, { seed: 3, numEpochs: 4, batchSize: 8, learningRate: 5e-3 }),
  ],
];

const data = smallDataset();

function createBackbone(seed: number): ImageBackbone {
  const { patchSize, encoder } = tinyOptions;
  return new ImageBackbone({ image: tinyImage, patchSize, encoder, seed });
}

test.each(probes)('%s tells the classes apart, and repeats to the bit from a saved encoder', async (_, probe) => {
  const backbone = createBackbone(1);
  const weights = await Promise.all([...backbone.parameters.values()].map((variable) => variable.data()));
  const first = await probe(backbone, data);
  expect(first.accuracy).toBeGreaterThan(0.8);
  expect(first.predictions).toHaveLength(20);
  // What is probed stays as it was, fine-tuning included.
  expect(await Promise.all([...backbone.parameters.values()].map((variable) => variable.data()))).toEqual(weights);

  const folder = await mkdtemp(path.join(tmpdir(), 'probes-'));
  const file = path.join(folder, 'encoder.safetensors');
  await saveEncoder(file, { encoder: backbone.parameters, config: backbone.config });
  const checkpoint = await readCheckpoint(file);
  const restored = new ImageBackbone({ ...(checkpoint.config as BackboneOptions), seed: 99 });
  restoreEncoder(checkpoint, restored.parameters);
  expect(await probe(restored, data)).toEqual(first);
  await rm(folder, { recursive: true });
});

test.each(probes)('%s leaves no tensors over', async (_, probe) => {
  const backbone = createBackbone(1);
  const before = tf.memory().numTensors;
  await probe(backbone, smallDataset(16, 8));
  expect(tf.memory().numTensors).toBe(before);
});

test.each(probes)('%s of pictures of one class is refused', async (_, probe) => {
  const cats = { ...data, name: 'pets', classes: ['cats'] };
  await expect(probe(createBackbone(1), cats)).rejects.toThrow(InputError);
  await expect(probe(createBackbone(1), cats)).rejects.toThrow(
    'pets has one class, "cats", and a probe needs at least two',
  );
});

test.each(['probeKnn', 'probeLinear', 'probeTran1', 'fineTune'] as const)(
  '%s ends with the reason of its signal',
  async (name) => {
    const options = { signal: AbortSignal.abort(new Error('enough')), seed: 1 };
    const run = { probeKnn, probeLinear, probeTran1, fineTune }[name];
    await expect(run(createBackbone(1), data, options)).rejects.toThrow('enough');
  },
);
