import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { PixelDecoder } from '../src/decoder.ts';
import type { PixelDecoderOptions } from '../src/decoder.ts';

function createDecoder(changes: Partial<PixelDecoderOptions> = {}): PixelDecoder {
  const grid = { height: 2, width: 3 };
  const random = createRandom(1);
  return new PixelDecoder({ inputDim: 5, dim: 8, depth: 1, numHeads: 2, patchDim: 4, grid, random, ...changes });
}

test('equal features at different places become different patches', async () => {
  const patches = createDecoder().apply(tf.ones([1, 6, 5]));
  expect(patches.shape).toEqual([1, 6, 4]);
  const values = await patches.data();
  for (let place = 1; place < 6; place++) {
    const differences = [0, 1, 2, 3].map((i) => Math.abs(values[place * 4 + i]! - values[i]!));
    expect(Math.max(...differences)).toBeGreaterThan(0.01);
  }
});

test('without blocks each patch depends on its own feature alone, with a block on all', async () => {
  const features = tf.randomNormal<tf.Rank.R3>([1, 6, 5], 0, 1, 'float32', 1);
  const changed = tf.concat([features.slice([0, 0, 0], [1, 5, 5]), tf.ones<tf.Rank.R3>([1, 1, 5])], 1);
  const flat = createDecoder({ depth: 0 });
  expect(await firstPatch(flat, changed)).toEqual(await firstPatch(flat, features));
  const deep = createDecoder({ depth: 1 });
  expect(await firstPatch(deep, changed)).not.toEqual(await firstPatch(deep, features));
});

test('disposing frees every tensor', () => {
  const before = tf.memory().numTensors;
  createDecoder().dispose();
  expect(tf.memory().numTensors).toBe(before);
});

function firstPatch(decoder: PixelDecoder, features: tf.Tensor3D) {
  return decoder.apply(features).slice([0, 0, 0], [1, 1, 4]).data();
}
