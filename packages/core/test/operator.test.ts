import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { LinearOperator, matrixExponential, matrixInverse, schemes } from '../src/index.ts';
import { refineInverse } from '../src/matrix-functions.ts';
import type { Scheme } from '../src/index.ts';
import {
  addScaled,
  expectClose,
  expectGradients,
  expectNoLeak,
  identity,
  multiply,
  noise,
  noiseMatrix,
  solveDense,
  transform,
  transpose,
} from './reference.ts';
import type { Matrix } from './reference.ts';

const linear = ['euler', 'exact', 'cayley'] as const;

/** exp(X) by its series, with X scaled down so that 30 terms are more than enough. */
function exponentialReference(x: Matrix): Matrix {
  const scaled = x.map((row) => row.map((value) => value / 1_024));
  let sum = identity(x.length);
  let term = identity(x.length);
  for (let k = 1; k < 30; k++) {
    term = multiply(term, scaled).map((row) => row.map((value) => value / k));
    sum = addScaled(sum, term, 1);
  }
  for (let squaring = 0; squaring < 10; squaring++) sum = multiply(sum, sum);
  return sum;
}

function inverseReference(x: Matrix): Matrix {
  return transpose(identity(x.length).map((column) => solveDense(x, column)));
}

function transitionReference(scheme: Scheme, a: Matrix, delta: number): Matrix {
  const one = identity(a.length);
  const scaled = a.map((row) => row.map((value) => value * delta));
  if (scheme === 'euler') return addScaled(one, scaled, 1);
  if (scheme === 'exact') return exponentialReference(scaled);
  return multiply(inverseReference(addScaled(one, scaled, -0.5)), addScaled(one, scaled, 0.5));
}

describe('LinearOperator', () => {
  it('acts as the paper writes it, z + Δ A z, by hand with an asymmetric A', () => {
    // A = [[0, 1], [2, 3]], z = (5, 7): A z = (7, 10 + 21) = (7, 31); with Δ = 0.5, z + Δ A z = (8.5, 22.5).
    const operator = new LinearOperator(
      tf.tensor2d([
        [0, 1],
        [2, 3],
      ]),
    );
    expectClose(operator.step(0.5).apply(tf.tensor2d([[5, 7]])), [8.5, 22.5], 1e-6);
  });

  it('normalises each position before A in norm-linear, by hand', () => {
    // z = (1, 3): mean 2, deviation 1, norm(z) = (−1, 1). A norm(z) = (1, −2 + 3) = (1, 1); z + 2 · (1, 1) = (3, 5).
    const operator = new LinearOperator(
      tf.tensor2d([
        [0, 1],
        [2, 3],
      ]),
      'norm-linear',
    );
    expectClose(operator.step(2).apply(tf.tensor2d([[1, 3]])), [3, 5], 1e-4);
  });

  it.each(linear)('agrees with a float64 reference: %s', (scheme) => {
    const a = noiseMatrix(6, 3, 0.8);
    for (const delta of [1, -1, 2.5]) {
      const wanted = transitionReference(scheme, a, delta);
      const operator = new LinearOperator(tf.tensor2d(a), scheme);
      expectClose(operator.transition(delta), wanted.flat(), 2e-5);
      const z = noise(6, 9);
      expectClose(operator.step(delta).apply(tf.tensor2d([z])), transform(wanted, z), 2e-5);
    }
  });

  it.each(['exact', 'cayley'] as const)('goes back the way it came: %s', (scheme) => {
    const operator = new LinearOperator(tf.tensor2d(noiseMatrix(5, 4, 0.7)), scheme);
    const there = operator.step(1).apply(tf.tensor2d([noise(5, 2)]));
    expectClose(operator.step(-1).apply(there), noise(5, 2), 1e-4);
  });

  it('composes: two exact steps of 1 are one of 2', () => {
    const operator = new LinearOperator(tf.tensor2d(noiseMatrix(5, 4, 0.7)), 'exact');
    const z = tf.tensor2d([noise(5, 2)]);
    const two = operator.step(1).apply(operator.step(1).apply(z));
    expectClose(operator.step(2).apply(z), two.dataSync(), 1e-5);
  });

  it.each(['exact', 'cayley'] as const)('keeps norms where A is skew: %s', (scheme) => {
    const half = noiseMatrix(6, 8, 2);
    const skew = addScaled(half, transpose(half), -1);
    const z = noise(6, 3);
    const moved = new LinearOperator(tf.tensor2d(skew), scheme)
      .step(1)
      .apply(tf.tensor2d([z]))
      .dataSync();
    expectClose([Math.hypot(...moved)], [Math.hypot(...z)], 1e-4);
  });

  it.each(schemes)('copies at first, to the bit: %s', (scheme) => {
    const operator = LinearOperator.learned(4, scheme);
    const z = tf.tensor2d(noise(8, 1), [2, 4]);
    expect(operator.step(-3).apply(z).dataSync()).toEqual(z.dataSync());
    operator.generator.dispose();
  });

  it.each(schemes)('has the gradients of finite differences in z and A: %s', (scheme) => {
    const a = tf.tensor2d(noiseMatrix(3, 5, 0.6));
    const z = tf.tensor2d(noise(12, 6), [4, 3]);
    const step = (rows: tf.Tensor, generator: tf.Tensor): tf.Tensor =>
      new LinearOperator(generator as tf.Tensor2D, scheme).step(-1.5).apply(rows as tf.Tensor2D);
    expectGradients(step, [z, a], 5e-3);
  });

  it.each(schemes)('leaves no tensors behind: %s', (scheme) => {
    const operator = new LinearOperator(tf.tensor2d(noiseMatrix(3, 5)), scheme);
    const z = tf.zeros<tf.Rank.R2>([2, 3]);
    expectNoLeak(() => tf.tidy(() => operator.step(1).apply(z)));
    expectNoLeak(() => tf.grad((rows) => tf.tidy(() => operator.step(1).apply(rows as tf.Tensor2D)))(z));
  });

  it('refuses a generator that is not square, and a scheme that does not exist', () => {
    expect(() => new LinearOperator(tf.zeros([8, 4]))).toThrow(
      'LinearOperator: generator must be [dim, dim] = [8, 8], got [8, 4]',
    );
    expect(() => new LinearOperator(tf.zeros([2, 2]), 'heun' as Scheme)).toThrow(
      "LinearOperator: scheme must be one of euler, exact, cayley, norm-linear, got 'heun'",
    );
  });
});

describe('matrixExponential', () => {
  it('keeps what is small: exp(X) − I of an X of 1e-6 to four digits', () => {
    const x = noiseMatrix(3, 4, 1e-6);
    const excess = matrixExponential(tf.tensor2d(x)).sub(tf.eye(3)).dataSync();
    x.flat().forEach((value, i) => expect(Math.abs(excess[i]! - value)).toBeLessThan(1.3e-7));
  });

  it.each([
    [1.2, 1e-6],
    [6, 3e-5],
  ])('stays accurate for larger norms: entries up to %d', (scale, tolerance) => {
    const x = noiseMatrix(8, 6, scale);
    const wanted = exponentialReference(x).flat();
    const actual = matrixExponential(tf.tensor2d(x)).dataSync();
    const errors = Array.from(actual, (value, i) => Math.abs(value - wanted[i]!));
    expect(Math.max(...errors) / Math.max(...wanted.map(Math.abs))).toBeLessThan(tolerance);
  });
});

describe('matrixInverse', () => {
  it('inverts a matrix of norm 1.5 and condition 5', () => {
    const x = addScaled(identity(5), noiseMatrix(5, 2, 0.5), 1);
    expectClose(matrixInverse(tf.tensor2d(x)), inverseReference(x).flat(), 1e-4);
  });

  it('comes to the pseudo-inverse of a singular matrix: diag(2, 0)', () => {
    expectClose(
      matrixInverse(
        tf.tensor2d([
          [2, 0],
          [0, 0],
        ]),
      ),
      [0.5, 0, 0, 0],
      1e-5,
    );
  });
});

describe('refineInverse', () => {
  it('squares what is missing at each step: X = 2 from V = 0.4 is 0.48, then 0.4992', () => {
    const x = tf.tensor2d([[2]]);
    const start = tf.tensor2d([[0.4]]);
    expectClose(refineInverse(x, start, 1), [0.48], 1e-6);
    expectClose(refineInverse(x, start, 2), [0.4992], 1e-6);
  });
});
