import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { smootherGains } from '../src/smoother-gains.ts';
import {
  addScaled,
  expectClose,
  expectGradients,
  expectNoLeak,
  identity,
  multiply,
  noiseMatrix,
  solveDense,
  transpose,
} from './reference.ts';
import type { Matrix } from './reference.ts';

/** J_k = G_k Mᵀ G_{k+1}⁻¹ with G_1 = I, G_{k+1} = I + M G_k Mᵀ, by dense solves in float64. */
function gainsReference(m: Matrix, count: number): Matrix[] {
  const gains: Matrix[] = [];
  let covariance = identity(m.length);
  for (let k = 1; k <= count; k++) {
    const next = addScaled(identity(m.length), multiply(multiply(m, covariance), transpose(m)), 1);
    // Row i of J solves G_{k+1} x = row i of G_k Mᵀ, since G_{k+1} is symmetric.
    gains.push(multiply(covariance, transpose(m)).map((row) => solveDense(next, row)));
    covariance = next;
  }
  return gains;
}

describe('smootherGains', () => {
  it('are k / (k + 1) where the map copies', () => {
    const gains = smootherGains(tf.tensor2d([[1]]), 24);
    gains.forEach((gain, i) => expectClose(gain, [(i + 1) / (i + 2)], 1e-6));
  });

  it('are 2/5 and 10/21 for a map that doubles, by hand', () => {
    const [first, second] = smootherGains(tf.tensor2d([[2]]), 2);
    expectClose(first!, [2 / 5], 1e-6);
    expectClose(second!, [10 / 21], 1e-6);
  });

  // The covariances of the reference grow with every level, soon beyond what it can resolve where the map grows.
  it.each([
    [26, 'a small asymmetric change of the identity', addScaled(identity(6), noiseMatrix(6, 1, 0.2), 1)],
    [10, 'a large one', addScaled(identity(6), noiseMatrix(6, 2, 0.9), 1)],
    [26, 'a map that shrinks', noiseMatrix(6, 3, 0.3)],
    [10, 'a map that grows', addScaled(noiseMatrix(6, 4, 0.2), identity(6), 1.6)],
    [
      26,
      'a map far from normal',
      addScaled(
        identity(2),
        [
          [-0.1, 1.5],
          [0, -0.1],
        ],
        1,
      ),
    ],
  ])('match dense solves up to level %d: %s', (count, _, m) => {
    const wanted = gainsReference(m, count);
    const gains = smootherGains(tf.tensor2d(m), count);
    expect(gains).toHaveLength(count);
    gains.forEach((gain, i) => expectClose(gain, wanted[i]!.flat(), 5e-5));
  });

  it('have the gradients of finite differences', () => {
    const m = tf.tensor2d(addScaled(identity(3), noiseMatrix(3, 5, 0.4), 1));
    expectGradients((transition) => tf.stack(smootherGains(transition as tf.Tensor2D, 4)), [m]);
  });

  it('leave no tensors behind', () => {
    const m = tf.tensor2d(noiseMatrix(3, 5, 0.4));
    expectNoLeak(() => smootherGains(m, 3));
    expectNoLeak(() => tf.grad((x) => tf.stack(smootherGains(x as tf.Tensor2D, 3)))(m));
  });
});
