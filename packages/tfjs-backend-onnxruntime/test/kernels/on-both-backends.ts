import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

/** Runs `compute` on the cpu backend and on this one, and expects the same values from both. */
export async function expectSameOnBothBackends(compute: () => tf.Tensor[], tolerance = 1e-4): Promise<void> {
  const [expected, actual] = [await valuesOn('cpu', compute), await valuesOn('onnxruntime', compute)];
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [i, { values }] of expected.entries()) {
    for (const [j, value] of values.entries()) {
      const difference = Math.abs(actual[i]!.values[j]! - value);
      expect(difference, `output ${i}, element ${j}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value)));
    }
  }
}

interface Result {
  readonly shape: number[];
  readonly dtype: tf.DataType;
  readonly values: number[];
}

async function valuesOn(backend: string, compute: () => tf.Tensor[]): Promise<Result[]> {
  await tf.setBackend(backend);
  const results = tf.tidy(compute);
  const read = results.map(({ shape, dtype }, i): Result => ({
    shape,
    dtype,
    values: Array.from(results[i]!.dataSync()),
  }));
  tf.dispose(results);
  return read;
}

/** Numbers between -1 and 1 that look random and are the same on every backend. */
export function noise(shape: readonly number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233) % 1);
  return tf.tensor(values, [...shape]);
}
