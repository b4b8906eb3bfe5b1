import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { MaskedImageModel } from '../../src/index.ts';
import { drawFeatureMaps, drawReconstructions } from '../../src/pictures/draw-model.ts';
import { tinyBatch, tinyOptions } from '../models.ts';

test.each([
  ['reconstructions', drawReconstructions],
  ['feature maps', drawFeatureMaps],
])('%s have a row for each image and three columns, and leave no tensors', async (_, draw) => {
  const model = new MaskedImageModel(tinyOptions);
  const batch = tinyBatch(model, 2);
  const before = tf.memory().numTensors;
  const png = await draw(model, batch);
  expect(tf.memory().numTensors).toBe(before);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  // 8 pixels are enlarged 12 times.
  expect([info.height, info.width]).toEqual([2 * 96 + 2, 3 * 96 + 4]);
  const [red] = await batch.images.data();
  expect(data[0]).toBe(Math.round(255 * red!));
});
