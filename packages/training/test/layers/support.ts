import { readFileSync } from 'node:fs';
import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

/** What PyTorch computes, written by `fixtures/pytorch.py`. */
export interface PytorchFixture {
  readonly adamw: readonly { readonly norm: number; readonly weight: number[]; readonly bias: number[] }[];
  readonly transformerBlock: { readonly shapes: Record<string, number[]>; readonly y: number[]; readonly dx: number[] };
  readonly batchNorm: { readonly outputs: number[][]; readonly evaluated: number[] };
}

export const pytorch = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch.json', import.meta.url), 'utf8'),
) as PytorchFixture;

/** sin(seed + 1), sin(seed + 2), …: as the fixture's script draws them. */
export function numbers(shape: readonly number[], seed: number): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(seed + 1 + i));
  return tf.tensor(values, [...shape]);
}

/** The values of the parameters, path by path, to compare two modules by. */
export async function valuesOf(parameters: Parameters): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const [path, variable] of parameters) values[path] = [...(await variable.data())];
  return values;
}

/** Expects every element within an absolute tolerance. */
export async function expectClose(actual: tf.Tensor, expected: readonly number[], tolerance = 1e-5): Promise<void> {
  const values = [...(await actual.data())];
  expect(values.length).toBe(expected.length);
  const worst = Math.max(...values.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThanOrEqual(tolerance);
}
