import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import '../src/index.ts';

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('onnxruntime');
});

describe('the backend', () => {
  it('computes a chain of kernels when a result is read', async () => {
    const y = tf.tidy(() => tf.tensor1d([1, 4, 9]).sqrt().neg().exp());
    expect([...(await y.data())].map((v) => v.toFixed(5))).toEqual(
      [Math.exp(-1), Math.exp(-2), Math.exp(-3)].map((v) => v.toFixed(5)),
    );
    y.dispose();
  });

  it('falls back to the CPU kernels', () => {
    const y = tf.tidy(() => tf.tensor1d([1, 4, 9]).sqrt().cumprod());
    expect([...y.dataSync()]).toEqual([1, 2, 6]);
    y.dispose();
  });
});
