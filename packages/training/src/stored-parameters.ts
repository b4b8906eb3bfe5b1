import { InputError } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from './safetensors.ts';

/** The values of the variables, named by their paths after `prefix`. */
export async function readVariables(variables: Parameters, prefix: string): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [path, variable] of variables) {
    const data = (await variable.data()) as Float32Array | Int32Array;
    tensors.set(prefix + path, { shape: variable.shape, data });
  }
  return tensors;
}

/** Throws an `InputError` that starts with `what` unless both hold the same names with the same types and shapes. */
export function requireMatch(variables: Parameters, stored: ReadonlyMap<string, StoredTensor>, what: string): void {
  const missing = [...variables.keys()].filter((path) => !stored.has(path));
  const unexpected = [...stored.keys()].filter((path) => !variables.has(path));
  if (missing.length > 0 || unexpected.length > 0) {
    throw new InputError(
      `${what} does not fit: ${missing.length} of ${variables.size} parameters missing${exampleOf(missing)}, ` +
        `${unexpected.length} unexpected${exampleOf(unexpected)}; was it saved from another configuration?`,
    );
  }
  for (const [path, variable] of variables) {
    const expected = describe(variable.dtype, variable.shape);
    const { data, shape } = stored.get(path) as StoredTensor;
    const got = describe(dtypeOf(data), shape);
    if (got !== expected) throw new InputError(`${what} does not fit: ${path} must be ${expected}, got ${got}`);
  }
}

/** Assigns stored values to the variables that `requireMatch` has compared them with. */
export function assignStored(variables: Parameters, stored: ReadonlyMap<string, StoredTensor>): void {
  tf.tidy(() => {
    for (const [path, variable] of variables) {
      const { data, shape } = stored.get(path) as StoredTensor;
      variable.assign(tf.tensor(data as Float32Array | Int32Array, [...shape], variable.dtype));
    }
  });
}

function exampleOf(paths: readonly string[]): string {
  return paths.length === 0 ? '' : ` (such as ${paths[0]})`;
}

function dtypeOf(data: StoredTensor['data']): string {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  return data.constructor.name;
}

function describe(dtype: string, shape: readonly number[]): string {
  return `${dtype} [${shape.join(', ')}]`;
}
