import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { createFill } from '../src/index.ts';
import type { Visibility } from '../src/index.ts';
import { expectClose, noise, noiseVisibility } from './reference.ts';

it('nearest copies the nearest feature by Euclidean distance and takes the mean of equally near ones', () => {
  const visibility: Visibility = {
    kind: 'scattered',
    grid: { height: 2, width: 4 },
    batchSize: 1,
    numVisible: 2,
    indices: Int32Array.from([0, 6]),
  };
  // Visible: (0, 0) = 2 and (1, 2) = 10. (0, 1): distances 1 and √2. (1, 1): √2 and 1. None is equally near to both.
  const fill = createFill('nearest', { dim: 1, grid: visibility.grid, seed: 1 });
  expectClose(fill.apply(tf.tensor3d([2, 10], [1, 2, 1]), visibility), [2, 2, 10, 10, 2, 10, 10, 10], 0);
  const sequence: Visibility = { ...visibility, grid: { height: 1, width: 5 }, indices: Int32Array.from([0, 4]) };
  expectClose(fill.apply(tf.tensor3d([2, 10], [1, 2, 1]), sequence), [2, 2, 6, 10, 10], 0);
});

it('nearest gives each masked position an average of features that are at the smallest distance', () => {
  const visibility = noiseVisibility(5, 6, 7, 1, 3);
  const values = noise(7, 2);
  const fill = createFill('nearest', { dim: 1, grid: visibility.grid, seed: 1 });
  const all = fill.apply(tf.tensor3d(values, [1, 7, 1]), visibility).dataSync();
  for (let cell = 0; cell < 30; cell++) {
    const distances = [...visibility.indices].map((place) =>
      Math.hypot(Math.floor(place / 6) - Math.floor(cell / 6), (place % 6) - (cell % 6)),
    );
    const nearest = values.filter((_, v) => distances[v] === Math.min(...distances));
    expect(all[cell]).toBeCloseTo(nearest.reduce((sum, value) => sum + value, 0) / nearest.length, 5);
  }
});
