import { maskedIndices } from '@qb-heat/core';
import type { Visibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { TextDecoder } from '../src/text-decoder.ts';

const [batchSize, length, featureDim] = [2, 6, 8];
const random = createRandom(1);
const decoder = new TextDecoder({ length, featureDim, dim: 4, depth: 1, numHeads: 2, random });
const features = tf.tensor3d(random.normals(batchSize * length * featureDim), [batchSize, length, featureDim]);
afterAll(() => {
  decoder.dispose();
  features.dispose();
});

const grid = { height: 1, width: length };
const see = (...indices: number[]): Visibility => ({
  kind: 'scattered',
  grid,
  batchSize,
  numVisible: indices.length / batchSize,
  indices: Int32Array.from(indices),
});
const rowsOf = (x: tf.Tensor3D, visibility: Visibility, padding?: tf.Tensor2D): number[][] =>
  tf.tidy(() => decoder.apply(x, visibility, padding).arraySync());

it('gives a row for each masked position, sample after sample', () => {
  const some = see(0, 2, 4, 1, 3, 5);
  const others = see(0, 1, 3, 0, 2, 3);
  const [first, second] = [rowsOf(features, some), rowsOf(features, others)];
  // Positions 5 of sample 0 and 4 of sample 1 are masked in both.
  expect([...maskedIndices(some)]).toEqual([1, 3, 5, 0, 2, 4]);
  expect([...maskedIndices(others)]).toEqual([2, 4, 5, 1, 4, 5]);
  for (const [row, other] of [
    [2, 2],
    [5, 4],
  ] as const) {
    first[row]!.forEach((value, token) => expect(value).toBeCloseTo(second[other]![token]!, 5));
  }
});

it('tells positions of equal features apart', () => {
  const [first, second] = rowsOf(tf.onesLike(features), see(0, 1, 2, 3, 0, 1, 2, 3));
  expect(first!.some((value, channel) => Math.abs(value - second![channel]!) > 1e-4)).toBe(true);
});

it('lets no padding into the rows of the others', () => {
  const padding = tf.tensor2d([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1], [batchSize, length]);
  const noise = tf.mul<tf.Tensor3D>(padding.expandDims(2), 5);
  const visibility = see(0, 4, 5, 0, 4, 5);
  const [clean, noisy] = [features, tf.add<tf.Tensor3D>(features, noise)].map((x) => rowsOf(x, visibility, padding));
  clean!.forEach((row, index) => row.forEach((value, token) => expect(value).toBeCloseTo(noisy![index]![token]!, 4)));
});
