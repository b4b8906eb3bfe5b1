import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../src/index.ts';
import type { Visibility } from '../src/index.ts';
import { expectClose, expectGradients, noise, noiseVisibility } from './reference.ts';

const visibility: Visibility = {
  kind: 'scattered',
  grid: { height: 1, width: 8 },
  batchSize: 2,
  numVisible: 2,
  indices: Int32Array.from([1, 5, 0, 2]),
};

describe('interpolate', () => {
  it('draws straight lines between visible features and copies at the ends, by hand', () => {
    const features = tf.tensor3d([10, 30, 4, 8], [2, 2, 1]);
    expectClose(interpolate(features, visibility), [10, 10, 15, 20, 25, 30, 30, 30, 4, 6, 8, 8, 8, 8, 8, 8], 1e-6);
  });

  it('has the gradients of finite differences', () => {
    expectGradients((z) => interpolate(z as tf.Tensor3D, visibility), [tf.tensor3d(noise(12, 1), [2, 2, 3])]);
  });

  it('refuses a grid of more than one row, and says what to use', () => {
    expect(() => interpolate(tf.zeros([1, 2, 1]), noiseVisibility(2, 3, 2, 1))).toThrow(
      "interpolate: the grid must be of height 1, got 2×3; in two dimensions use 'harmonic'",
    );
  });

  it('refuses features of another number of places', () => {
    expect(() => interpolate(tf.zeros([2, 3, 1]), visibility)).toThrow(
      'applyWeights: features must be [batch, numVisible, dim] = [2, 2, dim], got [2, 3, 1]',
    );
  });
});
