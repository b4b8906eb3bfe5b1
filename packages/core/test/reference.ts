import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { ScatteredVisibility } from '../src/index.ts';

// Independent, slow float64 forms of what the package computes in float32 tensors.

/** A matrix as rows. */
export type Matrix = number[][];

export function identity(dim: number): Matrix {
  return Array.from({ length: dim }, (_, i) => Array.from({ length: dim }, (__, j) => (i === j ? 1 : 0)));
}

export function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
}

export function addScaled(a: Matrix, b: Matrix, scale: number): Matrix {
  return a.map((row, i) => row.map((value, j) => value + scale * b[i]![j]!));
}

/** M z for a column vector z. */
export function transform(m: Matrix, z: readonly number[]): number[] {
  return m.map((row) => row.reduce((sum, value, k) => sum + value * z[k]!, 0));
}

/** Numbers in [−1, 1) that look random and repeat: a linear congruential generator. */
export function noise(count: number, seed: number): number[] {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function noiseMatrix(dim: number, seed: number, scale = 1): Matrix {
  const values = noise(dim * dim, seed);
  return Array.from({ length: dim }, (_, i) => values.slice(i * dim, (i + 1) * dim).map((value) => value * scale));
}

/** Distinct numbers of `[0, count)`, ascending, that look random and repeat. */
export function noiseSubset(count: number, size: number, seed: number): number[] {
  const keys = noise(count, seed);
  const order = Array.from({ length: count }, (_, i) => i).toSorted((i, j) => keys[i]! - keys[j]!);
  return order.slice(0, size).toSorted((i, j) => i - j);
}

/** A scattered visibility with `numVisible` of the grid's cells in each sample. */
export function noiseVisibility(
  height: number,
  width: number,
  numVisible: number,
  batchSize: number,
  seed = 1,
): ScatteredVisibility {
  const indices = Array.from({ length: batchSize }, (_, sample) =>
    noiseSubset(height * width, numVisible, seed * 1_000 + sample),
  );
  return {
    kind: 'scattered',
    grid: { height, width },
    batchSize,
    numVisible,
    indices: Int32Array.from(indices.flat()),
  };
}

/** Every entry within `tolerance` of what is wanted, relative to 1 or the larger of both. */
export function expectClose(actual: tf.Tensor | ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 1e-5): void {
  const values = actual instanceof tf.Tensor ? actual.dataSync() : actual;
  expect(values.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const scale = Math.max(1, Math.abs(values[i]!), Math.abs(wanted[i]!));
    const error = Math.abs(values[i]! - wanted[i]!) / scale;
    if (!(error <= tolerance)) expect.fail(`entry ${i}: got ${values[i]}, wanted ${wanted[i]} ± ${tolerance * scale}`);
  }
}

/**
 * Checks the gradients of Σ weights · f(inputs) against central differences, in float32: steps of 2⁻⁷ keep rounding and
 * truncation near 1e-4 for values near 1.
 */
export function expectGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], tolerance = 3e-3): void {
  const step = 2 ** -7;
  const output = f(...inputs);
  const weights = tf.tensor(noise(output.size, 77), output.shape);
  const loss = (...at: tf.Tensor[]): tf.Scalar =>
    f(...at)
      .mul(weights)
      .sum();
  const gradients = tf.grads(loss)(inputs);
  inputs.forEach((input, which) => {
    const values = Array.from(input.dataSync());
    const lossAt = (i: number, delta: number): number => {
      const moved = tf.tensor(
        values.map((value, j) => (i === j ? value + delta : value)),
        input.shape,
      );
      return loss(...inputs.map((other, j) => (j === which ? moved : other))).dataSync()[0]!;
    };
    const wanted = values.map((_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step));
    expectClose(gradients[which]!, wanted, tolerance);
  });
}

/** Runs `f` and checks that it leaves no tensor behind but those that `keep` of them belong to the result. */
export function expectNoLeak(f: () => tf.Tensor | tf.Tensor[] | void): void {
  const before = tf.memory().numTensors;
  const result = f();
  if (result !== undefined) tf.dispose(result);
  expect(tf.memory().numTensors).toBe(before);
}

export function transpose(a: Matrix): Matrix {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}

export function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

/** Solves a dense system by Gaussian elimination with partial pivoting. */
export function solveDense(a: Matrix, b: readonly number[]): number[] {
  const n = b.length;
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  const x = zeros(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}

/** The kernels that `f` runs, with the shapes of what they take and give: what a lazy backend keys its graphs by. */
export async function kernelShapes(f: () => tf.Tensor): Promise<string[]> {
  const { kernels } = await tf.profile(f);
  return kernels.map(({ name, inputShapes, outputShapes }) => JSON.stringify([name, inputShapes, outputShapes]));
}
