import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { encodePictureRow } from '../../../src/experiments/vision/picture-row.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it('puts pictures side by side with a transparent gap', async () => {
  const pictures = tf.tensor4d([1, 0, 0, 0, 1, 0], [2, 1, 1, 3]);
  const { data, info } = await sharp(await encodePictureRow(pictures))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([4, 1, 4]);
  expect([...data]).toEqual([255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255]);
  pictures.dispose();
});

it('draws one channel as grey', async () => {
  const pictures = tf.tensor4d([0.2], [1, 1, 1, 1]);
  const pixels = await sharp(await encodePictureRow(pictures))
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  expect([...pixels]).toEqual([51, 51, 51, 255]);
  pictures.dispose();
});
