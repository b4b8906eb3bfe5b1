import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../src/export/encode-onnx.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const weight = tf.variable(tf.tensor1d([1, 2, 3]), true, 'encode-onnx/weight');
const product = {
  forward: ({ x }: Readonly<Record<string, tf.Tensor>>) => x!.mul(weight),
  inputs: { x: { shape: [1, 3], dtype: 'float32' as const } },
};

describe('encodeOnnx', () => {
  it('holds the weights as they are now, wherever they are', async () => {
    const model = Buffer.from(await encodeOnnx(product));
    expect(model.includes('encode-onnx/weight')).toBe(true);
    expect(model.includes(Buffer.from(Float32Array.of(1, 2, 3).buffer))).toBe(true);
  });

  it('names who made it, for a runtime of transformers.js 2', async () => {
    const model = Buffer.from(await encodeOnnx(product));
    expect([...model.subarray(0, 2)]).toEqual([0x08, 8]);
    expect(model.includes('qb-heat')).toBe(true);
  });

  it('leaves the backend and what is on it as they were', async () => {
    const before = tf.memory().numTensors;
    await encodeOnnx(product);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
    expect([...weight.dataSync()]).toEqual([1, 2, 3]);
    expect([...weight.mul(2).dataSync()]).toEqual([2, 4, 6]);
  });

  it('leaves the backend as it was also where the function fails', async () => {
    const before = tf.memory().numTensors;
    const failing = { ...product, forward: ({ x }: Readonly<Record<string, tf.Tensor>>) => x!.mul(x!.dataSync()[0]!) };
    await expect(encodeOnnx(failing)).rejects.toThrow(/reads the values of an input/);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
  });
});
