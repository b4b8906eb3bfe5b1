import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import '../../src/index.ts';

/** The backends that every fused operation is tested on. */
export const backends = ['cpu', 'onnxruntime'] as const;

/** tfjs's own leak check stays off: it takes for a leak what an operation saves for its gradient. */
export async function useBackend(name: string): Promise<void> {
  await tf.setBackend(name);
}

export interface OperationCase {
  /** Shapes of the inputs that the operation is differentiated by. */
  readonly shapes: readonly (readonly number[])[];
  readonly apply: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** The same in plain float64 loops, flat. */
  readonly reference: (...inputs: Float64Array[]) => Float64Array;
  /** Stretches the inputs, which are otherwise within ±1. */
  readonly spread?: number;
  readonly tolerance?: number;
}

/**
 * Compares an operation with its float64 reference, and its gradients with central differences of the reference; and
 * sees that it leaves one tensor behind forward, and one per input backward.
 */
export async function checkOperation(testCase: OperationCase): Promise<void> {
  const { shapes, apply, reference, spread = 1, tolerance = 2e-5 } = testCase;
  const inputs = shapes.map((shape, index) =>
    Float64Array.from(uniformNumbers(sizeOf(shape), index + 1), (x) => Math.fround(spread * x)),
  );
  const tensors = inputs.map((values, index) => tf.tensor(Float32Array.from(values), [...shapes[index]!]));

  const numBefore = tf.memory().numTensors;
  const result = apply(...tensors);
  expect(tf.memory().numTensors).toBe(numBefore + 1);
  const expected = reference(...inputs);
  await expectClose(result, expected, tolerance);

  const weights = uniformNumbers(expected.length, 99);
  const dy = tf.tensor(Float32Array.from(weights), result.shape);
  const gradients = tf.grads(apply)(tensors, dy);
  expect(tf.memory().numTensors).toBe(numBefore + 2 + gradients.length);
  const loss = (...values: Float64Array[]) => reference(...values).reduce((sum, y, i) => sum + y * weights[i]!, 0);
  for (const [index, gradient] of gradients.entries()) {
    expect(gradient.shape).toEqual(tensors[index]!.shape);
    await expectClose(gradient, centralDifferences(loss, inputs, index), 5 * tolerance);
  }
  tf.dispose([...tensors, result, dy, ...gradients]);
}

/** Compares with an absolute and relative tolerance at once. */
export async function expectClose(actual: tf.Tensor, expected: ArrayLike<number>, tolerance: number): Promise<void> {
  const values = await actual.data();
  expect(values.length).toBe(expected.length);
  for (let i = 0; i < values.length; i++) {
    const difference = Math.abs(values[i]! - expected[i]!);
    if (!(difference <= tolerance * (1 + Math.abs(expected[i]!)))) {
      expect.fail(`element ${i} is ${values[i]}, not ${expected[i]} (of ${values.length})`);
    }
  }
}

function centralDifferences(
  f: (...inputs: Float64Array[]) => number,
  inputs: readonly Float64Array[],
  index: number,
): Float64Array {
  const step = 1e-5;
  return inputs[index]!.map((value, i) => {
    const at = (x: number) => f(...inputs.with(index, inputs[index]!.with(i, x)));
    return (at(value + step) - at(value - step)) / (2 * step);
  });
}

/** Numbers within ±1, the same for the same seed. */
export function uniformNumbers(length: number, seed: number): Float64Array {
  let state = seed * 2_654_435_761;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** erf by its Maclaurin series, which converges everywhere; float64 accuracy within ±3. */
export function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
