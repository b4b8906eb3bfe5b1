import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { maeAugmentation } from '../../src/data/augment.ts';
import { trainingBatches } from '../../src/data/image-batches.ts';
import type { ImageBatches } from '../../src/data/image-batches.ts';
import type { ImageShape, ImageSplit } from '../../src/data/image-dataset.ts';
import { pixelWorkerSource } from '../../src/data/pixel-work.ts';
import { prefetchedBatches } from '../../src/data/prefetched-batches.ts';
import { createMaskSampler } from '../../src/masks.ts';

const shape: ImageShape = { height: 4, width: 4, numChannels: 3 };
const sampleMask = createMaskSampler({ kind: 'random', ratio: 0.5 }, { height: 2, width: 2 });
const split: ImageSplit = {
  images: Uint8Array.from({ length: 20 * 48 }, (_, i) => (i * 53) % 256),
  labels: Int32Array.from({ length: 20 }, (_, i) => i % 3),
};
const options = { batchSize: 4, sampleMask, seed: 5 };

async function read({ source }: ImageBatches, index: number) {
  const batch = await source(index);
  const { labels, visibility, numItems } = batch;
  const pixels = await batch.images.data();
  batch.dispose();
  return { labels, visibility, numItems, pixels };
}

test.each([
  ['as they are', undefined],
  ['cropped and flipped', maeAugmentation],
])('images %s are those of the batches made here, to the bit', async (_, augmentation) => {
  const batches = prefetchedBatches(split, shape, { ...options, augmentation });
  const expected = trainingBatches(split, shape, { ...options, augmentation });
  expect(batches.numBatches).toBe(expected.numBatches);
  // In order, again, far ahead, and back: a run that continues elsewhere, and an evaluation that repeats.
  for (const index of [0, 1, 2, 3, 3, 40, 41, 7, 5]) {
    expect(await read(batches, index)).toEqual(await read(expected, index));
  }
  await batches.close();
});

test('several may be asked for at once', async () => {
  const batches = prefetchedBatches(split, shape, { ...options, numAhead: 0 });
  const expected = trainingBatches(split, shape, options);
  const together = await Promise.all([3, 1, 1].map((index) => read(batches, index)));
  expect(together).toEqual(await Promise.all([3, 1, 1].map((index) => read(expected, index))));
  await batches.close();
});

test('what lies ahead takes no tensors', async () => {
  const batches = prefetchedBatches(split, shape, { ...options, numAhead: 3 });
  const before = tf.memory().numTensors;
  await read(batches, 0);
  expect(tf.memory().numTensors).toBe(before);
  await batches.close();
});

test('closed batches are refused, also those under way', async () => {
  const batches = prefetchedBatches(split, shape, options);
  const asked = batches.source(0);
  const closing = batches.close();
  await expect(asked).rejects.toThrow('prefetched batches: closed');
  await closing;
  await expect(batches.source(1)).rejects.toThrow('prefetched batches: closed');
});

test('an unusable number of batches ahead is refused', () => {
  expect(() => prefetchedBatches(split, shape, { ...options, numAhead: -1 })).toThrow(
    'prefetchedBatches: numAhead must be a whole number from 0, got -1',
  );
});

test('the worker’s program stands on its own', async () => {
  // Run where none of this module's other names exist, all but the last line, which needs a thread to serve.
  const program = `${pixelWorkerSource.replace(/servePixels\(\);$/, '')}
    const task = { items: Int32Array.of(1), crops: [{ top: 0, left: 0, height: 1, width: 2, isMirrored: true }] };
    const shape = { height: 1, width: 2, numChannels: 1 };
    process.stdout.write(String(preparePixels(Uint8Array.of(0, 0, 51, 255), shape, task)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
  expect(stdout.split(',').map(Number)).toEqual([1, Math.fround(0.2)]);
});

test('an idle thread does not keep the process from ending', async () => {
  const program = `
    const { Worker } = require('node:worker_threads');
    const workerData = { images: new Uint8Array(new SharedArrayBuffer(4)), shape: { height: 1, width: 1, numChannels: 1 } };
    const worker = new Worker(${JSON.stringify(pixelWorkerSource)}, { eval: true, workerData });
    worker.unref();`;
  await expect(promisify(execFile)(process.execPath, ['-e', program])).resolves.toMatchObject({ stdout: '' });
});
