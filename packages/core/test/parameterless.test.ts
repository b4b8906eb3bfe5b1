import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { createFill } from '../src/index.ts';
import type { FillName, ScatteredVisibility } from '../src/index.ts';
import { expectClose, noise, noiseVisibility } from './reference.ts';

const grid = { height: 2, width: 3 };
const visibility: ScatteredVisibility = {
  kind: 'scattered',
  grid,
  batchSize: 2,
  numVisible: 2,
  indices: Int32Array.from([0, 4, 3, 5]),
};
const features = tf.tensor3d([1, 3, 10, 20], [2, 2, 1]);

function apply(name: FillName): tf.Tensor3D {
  return createFill(name, { dim: 1, grid, seed: 1 }).apply(features, visibility);
}

it('zero leaves masked positions empty', () => {
  expectClose(apply('zero'), [1, 0, 0, 0, 3, 0, 0, 0, 0, 10, 0, 20], 0);
});

it('mean fills them with the mean of what the sample shows', () => {
  expectClose(apply('mean'), [1, 2, 2, 2, 3, 2, 15, 15, 15, 10, 15, 20], 0);
});

it('a fill by weights takes a visibility that comes again, and tells it from another', () => {
  const fill = createFill('harmonic', { dim: 2, grid: { height: 4, width: 4 }, seed: 1 });
  const [first, second] = [noiseVisibility(4, 4, 5, 2, 1), noiseVisibility(4, 4, 5, 2, 2)];
  const z = tf.tensor3d(noise(20, 3), [2, 5, 2]);
  const wanted = fill.apply(z, first).dataSync();
  expect(fill.apply(z, second).dataSync()).not.toEqual(wanted);
  expect(fill.apply(z, first).dataSync()).toEqual(wanted);
});
