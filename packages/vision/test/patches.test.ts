import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { patchGrid, patchify, unpatchify } from '../src/patches.ts';

/** An image batch in which every value is its own index. */
function counting(batch: number, height: number, width: number, channels: number): tf.Tensor4D {
  return tf.range(0, batch * height * width * channels).reshape([batch, height, width, channels]);
}

test('a patch holds its pixels row by row, as a loop over the image finds them', async () => {
  const [batch, height, width, channels, side] = [2, 6, 9, 2, 3];
  const images = counting(batch, height, width, channels);
  const patches = patchify(images, side);
  expect(patches.shape).toEqual([2, 6, 18]);
  const expected: number[] = [];
  for (let image = 0; image < batch; image++) {
    for (let top = 0; top < height; top += side) {
      for (let left = 0; left < width; left += side) {
        for (let row = top; row < top + side; row++) {
          for (let column = left; column < left + side; column++) {
            for (let channel = 0; channel < channels; channel++) {
              expected.push(((image * height + row) * width + column) * channels + channel);
            }
          }
        }
      }
    }
  }
  expect([...(await patches.data())]).toEqual(expected);
});

test('patches go back to the image that they came from', async () => {
  const images = counting(2, 8, 4, 3);
  const back = unpatchify(patchify(images, 2), { height: 4, width: 2 }, 2);
  expect(back.shape).toEqual(images.shape);
  expect(await back.data()).toEqual(await images.data());
});

test('a patch size that leaves a rest is refused', () => {
  expect(() => patchGrid({ height: 28, width: 28 }, 8)).toThrow(
    "patchGrid: patchSize must divide the image's height and width, got 8 for 28×28",
  );
});

test('patches that do not fill the grid are refused', () => {
  expect(() => unpatchify(tf.zeros([1, 5, 12]), { height: 2, width: 2 }, 2)).toThrow(
    'unpatchify: patches must be [batch, 2 · 2, 2² · channels], got [1, 5, 12]',
  );
});

test('only the result stays in memory', () => {
  const images = counting(1, 4, 4, 1);
  const before = tf.memory().numTensors;
  const patches = patchify(images, 2);
  expect(tf.memory().numTensors).toBe(before + 1);
  unpatchify(patches, { height: 2, width: 2 }, 2);
  expect(tf.memory().numTensors).toBe(before + 2);
});
