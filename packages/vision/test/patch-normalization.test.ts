import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { denormalizePatches, normalizePatches } from '../src/patch-normalization.ts';

test('each patch is normalised by itself', async () => {
  // 1, 3: mean 2, deviation 1. 10, 30: mean 20, deviation 10.
  const values = await normalizePatches(tf.tensor3d([1, 3, 10, 30], [1, 2, 2])).data();
  [-1, 1, -1, 1].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4));
});

test('a patch of one value becomes zero, not NaN', async () => {
  expect([...(await normalizePatches(tf.mul<tf.Tensor3D>(tf.ones([1, 1, 4]), 0.3)).data())]).toEqual([0, 0, 0, 0]);
});

test('a perfect prediction comes back as the patch', async () => {
  const patches = tf.randomNormal<tf.Rank.R3>([2, 3, 12], 1, 2, 'float32', 1);
  const expected = await patches.data();
  const back = await denormalizePatches(normalizePatches(patches), patches).data();
  back.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
});

test('only the results stay in memory', () => {
  const patches = tf.ones<tf.Rank.R3>([1, 2, 3]);
  const before = tf.memory().numTensors;
  denormalizePatches(normalizePatches(patches), patches);
  expect(tf.memory().numTensors).toBe(before + 2);
});
