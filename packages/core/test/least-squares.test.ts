import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  harmonic,
  interpolate,
  leastSquares,
  leastSquaresWeights,
  LinearOperator,
  visibleIndices,
} from '../src/index.ts';
import type { Visibility } from '../src/index.ts';
import {
  addScaled,
  expectClose,
  expectGradients,
  expectNoLeak,
  identity,
  kernelShapes,
  noise,
  noiseMatrix,
  noiseVisibility,
  solveDense,
  zeros,
} from './reference.ts';
import type { Matrix } from './reference.ts';

const dim = 3;

/** The normal equations of Σ ‖z_{t+1} − M z_t‖² over the masked places of one sequence, solved densely in float64. */
function leastSquaresReference(
  m: Matrix,
  length: number,
  visible: readonly number[],
  features: readonly number[][],
): number[][] {
  const place = new Map(visible.map((t, v) => [t, features[v]!]));
  const masked = Array.from({ length }, (_, t) => t).filter((t) => !place.has(t));
  const numUnknowns = masked.length * dim;
  const normal = Array.from({ length: numUnknowns }, () => zeros(numUnknowns));
  const right = zeros(numUnknowns);
  for (let t = 0; t + 1 < length; t++) {
    for (let i = 0; i < dim; i++) {
      // One residual: z_{t+1}[i] − Σ_j M[i][j] z_t[j], as coefficients of the unknowns plus a constant.
      const coefficients = new Map<number, number>();
      let constant = 0;
      const addTerm = (at: number, channel: number, factor: number): void => {
        const known = place.get(at);
        if (known) constant += factor * known[channel]!;
        else coefficients.set(masked.indexOf(at) * dim + channel, factor);
      };
      addTerm(t + 1, i, 1);
      for (let j = 0; j < dim; j++) addTerm(t, j, -m[i]![j]!);
      for (const [p, factorP] of coefficients) {
        right[p]! -= factorP * constant;
        for (const [q, factorQ] of coefficients) normal[p]![q]! += factorP * factorQ;
      }
    }
  }
  const solution = solveDense(normal, right);
  return Array.from(
    { length },
    (_, t) => place.get(t) ?? solution.slice(masked.indexOf(t) * dim, (masked.indexOf(t) + 1) * dim),
  );
}

function operatorOf(a: Matrix): LinearOperator {
  return new LinearOperator(tf.tensor2d(a));
}

function sequenceOf(length: number, visible: number[][]): Visibility {
  return {
    kind: 'scattered',
    grid: { height: 1, width: length },
    batchSize: visible.length,
    numVisible: visible[0]!.length,
    indices: Int32Array.from(visible.flat()),
  };
}

describe('leastSquares', () => {
  it('finds the middle of a gap of one by hand', () => {
    // dim 1, M = 2, z_0 = 1, z_2 = 6: (z_1 − 2)² + (6 − 2 z_1)² is least where 2(z_1 − 2) − 4(6 − 2 z_1) = 0, at z_1 = 2.8.
    const filled = leastSquares(tf.tensor3d([1, 6], [1, 2, 1]), sequenceOf(3, [[0, 2]]), operatorOf([[1]]));
    expectClose(filled, [1, 2.8, 6]);
  });

  it('solves the normal equations for gaps of every length, at the start and at the end too', () => {
    const a = noiseMatrix(dim, 3, 0.4);
    const visible = [
      [2, 3, 9],
      [0, 5, 11],
      [4, 6, 7],
    ];
    const features = tf.tensor3d(noise(27, 4), [3, 3, dim]);
    const filled = leastSquares(features, sequenceOf(12, visible), operatorOf(a));
    const m = addScaled(identity(dim), a, 1);
    const rows = features.arraySync();
    expectClose(filled, visible.map((places, i) => leastSquaresReference(m, 12, places, rows[i]!)).flat(2), 2e-5);
  });

  it('solves them for any mask', () => {
    const a = noiseMatrix(dim, 8, 0.3);
    const m = addScaled(identity(dim), a, 1);
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 14 }),
        fc.integer({ min: 1, max: 13 }),
        fc.integer(),
        (length, count, seed) => {
          const numVisible = Math.min(count, length);
          const visibility = noiseVisibility(1, length, numVisible, 2, seed);
          const features = tf.tensor3d(noise(2 * numVisible * dim, seed), [2, numVisible, dim]);
          const filled = leastSquares(features, visibility, operatorOf(a));
          const places = [0, 1].map((s) =>
            Array.from(visibleIndices(visibility).slice(s * numVisible, (s + 1) * numVisible)),
          );
          const wanted = places.map((at, s) => leastSquaresReference(m, length, at, features.arraySync()[s]!));
          expectClose(filled, wanted.flat(2), 1e-4);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('solves them for a gap of 20 under a map that grows and one that shrinks', () => {
    for (const growth of [0.1, -0.3]) {
      const a = addScaled(noiseMatrix(dim, 8, 0.15), identity(dim), growth);
      const features = tf.tensor3d(noise(2 * dim, 6), [1, 2, dim]);
      const filled = leastSquares(features, sequenceOf(22, [[0, 21]]), operatorOf(a));
      const m = addScaled(identity(dim), a, 1);
      expectClose(filled, leastSquaresReference(m, 22, [0, 21], features.arraySync()[0]!).flat(), 1e-4);
    }
  });

  it('is interpolate and one-dimensional harmonic where A = 0', () => {
    const visibility = noiseVisibility(1, 16, 6, 4);
    const features = tf.tensor3d(noise(4 * 6 * dim, 9), [4, 6, dim]);
    const filled = leastSquares(features, visibility, operatorOf(noiseMatrix(dim, 1, 0)));
    expectClose(filled, interpolate(features, visibility).dataSync(), 1e-5);
    expectClose(filled, harmonic(features, visibility).dataSync(), 1e-5);
  });

  it('keeps what is visible, and follows the map exactly at both ends', () => {
    const a = noiseMatrix(dim, 5, 0.5);
    const features = tf.tensor3d(noise(2 * dim, 6), [1, 2, dim]);
    const filled = leastSquares(features, sequenceOf(5, [[1, 2]]), operatorOf(a)).arraySync()[0]!;
    expect(filled.slice(1, 3)).toEqual(features.arraySync()[0]);
    const m = tf.tensor2d(addScaled(identity(dim), a, 1));
    expectClose(filled[3]!, tf.matMul(tf.tensor2d([filled[2]!]), m, false, true).dataSync());
    expectClose(tf.matMul(tf.tensor2d([filled[0]!]), m, false, true), filled[1]!);
  });

  it('has the gradients of finite differences, in the features and in A', () => {
    const visibility = sequenceOf(8, [
      [1, 4, 5],
      [0, 3, 7],
    ]);
    const features = tf.tensor3d(noise(2 * 3 * dim, 7), [2, 3, dim]);
    const a = tf.tensor2d(noiseMatrix(dim, 2, 0.3));
    expectGradients(
      (z, generator) => leastSquares(z as tf.Tensor3D, visibility, new LinearOperator(generator as tf.Tensor2D)),
      [features, a],
    );
  });

  it('gives every mask of one size the same shapes inside, so that one compiled graph serves them', async () => {
    const kernels: string[][] = [];
    for (const seed of [1, 2, 3]) {
      const visibility = noiseVisibility(1, 64, 32, 8, seed);
      const fill = (z: tf.Tensor): tf.Tensor =>
        leastSquares(z as tf.Tensor3D, visibility, operatorOf(noiseMatrix(dim, 2, 0.3)));
      kernels.push(await kernelShapes(() => tf.grad(fill)(tf.zeros([8, 32, dim]))));
    }
    expect(kernels[1]).toEqual(kernels[0]);
    expect(kernels[2]).toEqual(kernels[0]);
  });

  it('leaves no tensors behind', () => {
    const visibility = noiseVisibility(1, 10, 4, 2);
    const features = tf.zeros<tf.Rank.R3>([2, 4, dim]);
    const operator = operatorOf(noiseMatrix(dim, 2, 0.3));
    expectNoLeak(() => leastSquares(features, visibility, operator));
    expectNoLeak(() => {
      const { transition, gains, inverse } = leastSquaresWeights(visibility, operator);
      return inverse === null ? [transition, ...gains] : [transition, ...gains, inverse];
    });
    expectNoLeak(() => tf.grad((z) => leastSquares(z as tf.Tensor3D, visibility, operator))(features));
  });

  it('refuses a grid of more than one row, and says what to use', () => {
    expect(() => leastSquares(tf.zeros([1, 1, dim]), noiseVisibility(2, 2, 1, 1), operatorOf(identity(dim)))).toThrow(
      "leastSquares: the grid must be of height 1, got 2×2; in two dimensions use 'harmonic'",
    );
  });

  it('refuses the scheme that is not linear', () => {
    const operator = new LinearOperator(tf.zeros([dim, dim]), 'norm-linear');
    expect(() => leastSquares(tf.zeros([1, 1, dim]), noiseVisibility(1, 3, 1, 1), operator)).toThrow(
      'no transition matrix',
    );
  });
});
