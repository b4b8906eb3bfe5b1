import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { ImageBackbone, encodeImages, pixelFeatures } from '../src/index.ts';
import { tinyImage, tinyOptions } from './models.ts';

const { patchSize, encoder } = tinyOptions;
const createBackbone = () => new ImageBackbone({ image: tinyImage, patchSize, encoder });
const split = {
  images: Uint8Array.from({ length: 5 * 192 }, (_, i) => (i * i) % 251),
  labels: new Int32Array(5),
};

test('features do not depend on how the images are batched', async () => {
  const backbone = createBackbone();
  const whole = await encodeImages(backbone, split);
  const parts = await encodeImages(backbone, split, { batchSize: 2 });
  expect(whole.shape).toEqual([5, 16]);
  parts.data.forEach((value, i) => expect(value).toBeCloseTo(whole.data[i]!, 5));
});

test('pooled features are the mean of the feature map', async () => {
  const backbone = createBackbone();
  const { data: pooled } = await encodeImages(backbone, split);
  const { data: map, shape } = await encodeImages(backbone, split, { pool: 'none' });
  expect(shape).toEqual([5, 4, 4, 16]);
  for (let image = 0; image < 5; image++) {
    for (let channel = 0; channel < 16; channel++) {
      let sum = 0;
      for (let place = 0; place < 16; place++) sum += map[(image * 16 + place) * 16 + channel]!;
      expect(pooled[image * 16 + channel]).toBeCloseTo(sum / 16, 4);
    }
  }
});

test('nothing is left on the backend', async () => {
  const backbone = createBackbone();
  const before = tf.memory().numTensors;
  await encodeImages(backbone, split, { batchSize: 2 });
  expect(tf.memory().numTensors).toBe(before);
});

test('an aborted signal stops the encoding', async () => {
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(encodeImages(createBackbone(), split, { signal })).rejects.toThrow('stop');
});

test('images of another size are refused', async () => {
  const other = { images: new Uint8Array(100), labels: new Int32Array(2) };
  await expect(encodeImages(createBackbone(), other)).rejects.toThrow(
    'encodeImages: expected images of 8×8×3, got 100 bytes for 2 images',
  );
  expect(() => createBackbone().encode(tf.zeros([1, 8, 4, 3]))).toThrow(
    'images must be [batch, height, width, channels] = [1, 8, 8, 3], got [1, 8, 4, 3]',
  );
});

test('raw pixels are the bytes over 255', () => {
  const { data, shape } = pixelFeatures(split, tinyImage);
  expect(shape).toEqual([5, 192]);
  expect(data[7]).toBeCloseTo(49 / 255, 6);
});

test('patches and images turn into each other', async () => {
  const backbone = createBackbone();
  const images = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 1);
  const back = await backbone.toImages(backbone.toPatches(images)).data();
  const expected = await images.data();
  back.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  const [first] = await backbone.toPatches(images).data();
  expect(first).toBeCloseTo((expected[0]! - 0.5) / 0.2, 4);
});
