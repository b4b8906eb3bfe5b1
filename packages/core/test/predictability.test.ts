import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { measurePredictability } from '../src/index.ts';
import {
  addScaled,
  expectClose,
  identity,
  multiply,
  noise,
  noiseMatrix,
  solveDense,
  transform,
  transpose,
} from './reference.ts';
import type { Matrix } from './reference.ts';

/** Sequences z(t + 1) = M z(t) + offset from random starts, `[count, 1, length, dim]`. */
function sequences(m: Matrix, count: number, length: number, seed: number, noiseScale = 0): tf.Tensor4D {
  const dim = m.length;
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    let z = noise(dim, seed + i);
    for (let t = 0; t < length; t++) {
      rows.push(...z);
      const disturbance = noise(dim, seed * 31 + i * length + t + 999);
      z = transform(m, z).map((value, c) => value + 0.3 + noiseScale * disturbance[c]!);
    }
  }
  return tf.tensor4d(rows, [count, 1, length, dim]);
}

// Pairs of places two apart in sequences of four.
const pairsOf = (z: tf.Tensor4D): [Matrix, Matrix] => {
  const samples = z.arraySync().map(([row]) => row!);
  return [samples.flatMap((row) => row.slice(0, 2)), samples.flatMap((row) => row.slice(2))];
};
const meanOf = (rows: Matrix): number[] =>
  transpose(rows).map((column) => column.reduce((a, b) => a + b, 0) / rows.length);
const centre = (rows: Matrix, mean: number[]): Matrix => rows.map((row) => row.map((value, c) => value - mean[c]!));

const distance = (a: Matrix, b: Matrix): number => a.flat().reduce((sum, v, i) => sum + (v - b.flat()[i]!) ** 2, 0);

// Constant along x, noise along y.
const columns = (seed: number): tf.Tensor4D => tf.tensor4d(noise(240, seed), [20, 4, 1, 3]).tile([1, 1, 4, 1]);

describe('measurePredictability', () => {
  const m = addScaled(identity(3), noiseMatrix(3, 2, 0.5), 1);

  it('is 1 where features follow one linear map with an intercept, at any distance, and copying is worse', async () => {
    const options = { axis: 'x', offsets: [1, 3], ridge: 1e-6 } as const;
    const results = await measurePredictability(sequences(m, 40, 5, 1), sequences(m, 20, 5, 500), options);
    expect(results.map(({ offset }) => offset)).toEqual([1, 3]);
    for (const { linear, copy } of results) {
      expect(linear).toBeGreaterThan(0.999);
      expect(copy).toBeLessThan(0.9);
    }
  });

  it('agrees with ridge regression in float64', async () => {
    const [train, heldOut] = [sequences(m, 30, 4, 1, 0.8), sequences(m, 10, 4, 900, 0.8)];
    const [result] = await measurePredictability(train, heldOut, { axis: 'x', offsets: [2], ridge: 0.05 });
    const [source, target] = pairsOf(train);
    const [sourceMean, targetMean] = [meanOf(source), meanOf(target)];
    const x = centre(source, sourceMean);
    const gram = multiply(transpose(x), x);
    const penalty = (0.05 * (gram[0]![0]! + gram[1]![1]! + gram[2]![2]!)) / 3;
    const cross = multiply(transpose(x), centre(target, targetMean));
    const weights = transpose(
      transpose(cross).map((column) => solveDense(addScaled(gram, identity(3), penalty), column)),
    );
    const [testSource, testTarget] = pairsOf(heldOut);
    const prediction = multiply(centre(testSource, sourceMean), weights).map((row) =>
      row.map((v, c) => v + targetMean[c]!),
    );
    const variance = distance(
      testTarget,
      testTarget.map(() => targetMean),
    );
    expectClose([result!.linear], [1 - distance(testTarget, prediction) / variance], 1e-4);
    expectClose([result!.copy], [1 - distance(testTarget, testSource) / variance], 1e-4);
  });

  it('looks along the axis it is told', async () => {
    const [alongX] = await measurePredictability(columns(1), columns(2), { axis: 'x', offsets: [1] });
    const [alongY] = await measurePredictability(columns(1), columns(2), { axis: 'y', offsets: [1] });
    expectClose([alongX!.copy], [1], 1e-5);
    expect(alongY!.copy).toBeLessThan(0);
  });

  it('does not take noise for a rule: held-out R² is near or below 0', async () => {
    const [train, heldOut] = [tf.tensor4d(noise(360, 1), [30, 1, 4, 3]), tf.tensor4d(noise(360, 2), [30, 1, 4, 3])];
    const [result] = await measurePredictability(train, heldOut, { axis: 'x', offsets: [1] });
    expect(result!.linear).toBeLessThan(0.1);
  });

  it('leaves no tensors behind', async () => {
    const [train, heldOut] = [sequences(m, 10, 4, 1), sequences(m, 10, 4, 2)];
    const before = tf.memory().numTensors;
    await measurePredictability(train, heldOut, { axis: 'x', offsets: [1, 2] });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an offset beyond the axis, and features that are all equal', async () => {
    const z = sequences(m, 4, 4, 1);
    await expect(measurePredictability(z, z, { axis: 'y', offsets: [1] })).rejects.toThrow(
      'more than 1 long on axis y',
    );
    const equal = tf.ones<tf.Rank.R4>([4, 1, 4, 3]);
    await expect(measurePredictability(equal, z, { axis: 'x', offsets: [1] })).rejects.toThrow('all equal');
  });
});
