import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { ImageShape, ImageSplit } from '../../src/data/image-dataset.ts';
import { maeAugmentation } from '../../src/data/augment.ts';
import { evaluationBatches, trainingBatches } from '../../src/data/image-batches.ts';
import type { ImageBatches } from '../../src/data/image-batches.ts';

import { createMaskSampler } from '../../src/masks.ts';

const shape: ImageShape = { height: 2, width: 2, numChannels: 1 };
const sampleMask = createMaskSampler({ kind: 'random', ratio: 0.5 }, { height: 2, width: 2 });

/** Image i has the label i and pixels 10 i. */
function makeSplit(numImages: number): ImageSplit {
  return {
    images: Uint8Array.from({ length: numImages * 4 }, (_, i) => 10 * Math.floor(i / 4)),
    labels: Int32Array.from({ length: numImages }, (_, i) => i),
  };
}

async function read({ source }: ImageBatches, index: number) {
  const batch = await source(index);
  const pixels = await batch.images.data();
  batch.dispose();
  return { labels: [...batch.labels], pixels, visibility: batch.visibility };
}

test('an epoch goes through the images once, the next in another order', async () => {
  const batches = trainingBatches(makeSplit(12), shape, { batchSize: 3, sampleMask, seed: 1 });
  expect(batches.numBatches).toBe(4);
  const epoch = async (number: number) => {
    const parts = [0, 1, 2, 3].map((i) => read(batches, 4 * number + i));
    return (await Promise.all(parts)).flatMap(({ labels }) => labels);
  };
  const [first, second] = [await epoch(0), await epoch(1)];
  expect(first.toSorted((a, b) => a - b)).toEqual([...makeSplit(12).labels]);
  expect(second.toSorted((a, b) => a - b)).toEqual([...makeSplit(12).labels]);
  expect(first).not.toEqual(second);
});

test('images come with their own labels, as values from 0 to 1', async () => {
  const batches = trainingBatches(makeSplit(12), shape, { batchSize: 4, sampleMask, seed: 1 });
  const { labels, pixels } = await read(batches, 0);
  labels.forEach((label, i) => expect(pixels[i * 4]).toBeCloseTo((10 * label) / 255, 6));
});

test('a batch depends on its number and the seed alone', async () => {
  const options = { batchSize: 3, sampleMask, augmentation: maeAugmentation };
  const one = trainingBatches(makeSplit(12), shape, { ...options, seed: 1 });
  await read(one, 0);
  const same = trainingBatches(makeSplit(12), shape, { ...options, seed: 1 });
  expect(await read(same, 7)).toEqual(await read(one, 7));
  const other = trainingBatches(makeSplit(12), shape, { ...options, seed: 2 });
  expect(await read(other, 7)).not.toEqual(await read(one, 7));
});

test('augmentation changes the pixels of a batch, by its number and the seed alone', async () => {
  // Pixels that differ within an image, so that crops and flips show.
  const split = { ...makeSplit(12), images: Uint8Array.from({ length: 48 }, (_, i) => (i * 59) % 251) };
  const options = { batchSize: 12, sampleMask, seed: 1 };
  const plain = await read(trainingBatches(split, shape, options), 3);
  const make = () => trainingBatches(split, shape, { ...options, augmentation: { cropScale: [1, 1], flip: true } });
  const one = make();
  await read(one, 0);
  const flipped = await read(one, 3);
  expect(flipped.labels).toEqual(plain.labels);
  expect(flipped.visibility).toEqual(plain.visibility);
  const isMirrored = plain.labels.map((_, image) => {
    const [before, after] = [plain, flipped].map(({ pixels }) => Array.from(pixels.subarray(image * 4, image * 4 + 4)));
    if (String(after) === String(before)) return false;
    expect(after).toEqual([before![1], before![0], before![3], before![2]]);
    return true;
  });
  expect(new Set(isMirrored).size).toBe(2);
  expect(await read(make(), 3)).toEqual(flipped);
});

test('the same images get another mask in another epoch', async () => {
  const batches = trainingBatches(makeSplit(8), shape, { batchSize: 8, sampleMask, seed: 1 });
  expect((await read(batches, 0)).visibility).not.toEqual((await read(batches, 1)).visibility);
});

test('evaluation sees the images in their order with masks that stay', async () => {
  const batches = evaluationBatches(makeSplit(7), shape, { batchSize: 3, sampleMask, seed: 1 });
  expect(batches.numBatches).toBe(2);
  const second = await read(batches, 1);
  expect(second.labels).toEqual([3, 4, 5]);
  expect(await read(batches, 1)).toEqual(second);
});

test('a disposed batch leaves nothing in memory', async () => {
  const { source } = trainingBatches(makeSplit(4), shape, { batchSize: 2, sampleMask, seed: 1 });
  const before = tf.memory().numTensors;
  (await source(0)).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a batch larger than the set is refused', () => {
  expect(() => trainingBatches(makeSplit(4), shape, { batchSize: 5, sampleMask, seed: 1 })).toThrow(
    'batchSize: 5 is more than the 4 images that there are',
  );
});
