import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerNorm } from '../../src/fused/index.ts';
import { backends, checkOperation, expectClose, useBackend } from './check-operation.ts';

function reference(x: Float64Array, gamma: Float64Array, beta: Float64Array): Float64Array {
  const dim = gamma.length;
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += dim) {
    let mean = 0;
    for (let i = 0; i < dim; i++) mean += x[row + i]! / dim;
    let variance = 0;
    for (let i = 0; i < dim; i++) variance += (x[row + i]! - mean) ** 2 / dim;
    for (let i = 0; i < dim; i++) {
      y[row + i] = ((x[row + i]! - mean) / Math.sqrt(variance + 1e-6)) * gamma[i]! + beta[i]!;
    }
  }
  return y;
}

describe.each(backends)('layerNorm on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('normalises, scales and shifts the last axis, with its gradients', async () => {
    await checkOperation({
      shapes: [[2, 3, 5], [5], [5]],
      apply: (x, gamma, beta) => layerNorm(x, gamma, beta),
      reference: (x, gamma, beta) => reference(x, gamma, beta),
    });
  });

  it('turns [1, 2, 6] into [−2, −1, 3] / √(14 / 3), scaled and shifted', async () => {
    // mean 3, deviations −2, −1, 3, variance (4 + 1 + 9) / 3
    const y = layerNorm(tf.tensor2d([[1, 2, 6]]), tf.tensor1d([1, 10, 100]), tf.tensor1d([0, 0, 1]), 0);
    const deviation = Math.sqrt(14 / 3);
    await expectClose(y, [-2 / deviation, -10 / deviation, 1 + 300 / deviation], 1e-5);
  });

  it('keeps its accuracy when the mean is far from zero', async () => {
    const x = tf.tensor2d([[1001, 1002, 1006]]);
    const dx = tf.grad((values) => layerNorm(values, tf.ones([3]), tf.zeros([3])))(x, tf.tensor2d([[1, 0, 0]]));
    // (g − mean(g) − n · mean(g n)) / σ with n = [−2, −1, 3] / σ: at 0 (1 − 1/3 − 4 / (3 σ²)) / σ, σ² = 14 / 3
    const deviation = Math.sqrt(14 / 3);
    await expectClose(
      dx,
      [(2 / 3 - 4 / 14) / deviation, (-1 / 3 - 2 / 14) / deviation, (-1 / 3 - -6 / 14) / deviation],
      1e-4,
    );
  });

  it('names what it wanted and what it got', () => {
    expect(() => layerNorm(tf.zeros([2, 4]), tf.zeros([3]), tf.zeros([4]))).toThrow(
      'layerNorm: gamma must be [dim] = [4], got [3]',
    );
  });
});
