import { measurePredictability } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { ImageBackbone, encodeImages, measureImagePredictability } from '../../src/index.ts';
import { tinyImage, tinyOptions } from '../models.ts';
import { smallDataset } from './small-dataset.ts';

const data = smallDataset(60, 30);
const { patchSize, encoder } = tinyOptions;
const backbone = new ImageBackbone({ image: tinyImage, patchSize, encoder, seed: 1 });

async function maps(part: 'train' | 'test'): Promise<tf.Tensor4D> {
  const { data: features, shape } = await encodeImages(backbone, data[part], { pool: 'none' });
  return tf.tensor4d(features, shape as [number, number, number, number]);
}

test('both axes are measured at every distance within the grid, as core does it on the maps', async () => {
  const measured = await measureImagePredictability(backbone, data);
  expect(measured.x.map(({ offset }) => offset)).toEqual([1, 2, 3]);
  const [train, held] = [await maps('train'), await maps('test')];
  expect(measured.y).toEqual(await measurePredictability(train, held, { axis: 'y', offsets: [1, 2, 3] }));
  expect(measured.x[0]!.linear).toBeGreaterThan(measured.x[0]!.copy);
});

test('the number of images and the distances can be limited', async () => {
  const few = await measureImagePredictability(backbone, data, { offsets: [2], maxImages: 25 });
  expect(few.x.map(({ offset }) => offset)).toEqual([2]);
  const all = await measureImagePredictability(backbone, data, { offsets: [2] });
  expect(few.x[0]!.linear).not.toBe(all.x[0]!.linear);
});

test('a distance beyond the grid is refused, and no tensors are left over', async () => {
  const before = tf.memory().numTensors;
  await expect(measureImagePredictability(backbone, data, { offsets: [4] })).rejects.toThrow(
    'offsets must be from 1 to less than the grid of 4×4, got 4',
  );
  await measureImagePredictability(backbone, data, { offsets: [1], maxImages: 10 });
  expect(tf.memory().numTensors).toBe(before);
});
