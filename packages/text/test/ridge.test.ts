import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { RidgeSystem } from '../src/ridge.ts';

it('solves ridge regression, by hand', async () => {
  const before = tf.memory().numTensors;
  const [x, y] = [
    tf.tensor2d([
      [1, 0],
      [0, 2],
    ]),
    tf.tensor2d([[3], [4]]),
  ];
  const system = await RidgeSystem.of(x, y);
  // XᵀX = diag(1, 4), XᵀY = (3, 8); λ = 0.4 · (1 + 4) / 2 = 1: W = (3 / 2, 8 / 5).
  const weights = system.solve(0.4);
  const [first, second] = weights.dataSync();
  expect(first).toBeCloseTo(1.5, 6);
  expect(second).toBeCloseTo(1.6, 6);
  tf.dispose([x, y, weights]);
  expect(tf.memory().numTensors).toBe(before);
});
