import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { linear } from '../../src/fused/index.ts';
import { backends, checkOperation, expectClose, useBackend } from './check-operation.ts';

function reference(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const outputDim = bias.length;
  const inputDim = weight.length / outputDim;
  return Float64Array.from({ length: (x.length / inputDim) * outputDim }, (_, at) => {
    const [row, column] = [Math.floor(at / outputDim), at % outputDim];
    let sum = bias[column]!;
    for (let i = 0; i < inputDim; i++) sum += x[row * inputDim + i]! * weight[i * outputDim + column]!;
    return sum;
  });
}

describe.each(backends)('linear on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('maps the last axis, with its gradients', async () => {
    await checkOperation({
      shapes: [[2, 3, 4], [4, 5], [5]],
      apply: (x, weight, bias) => linear(x, weight, bias),
      reference: (x, weight, bias) => reference(x, weight, bias),
    });
  });

  it('sums the bias gradient over many rows', async () => {
    await checkOperation({
      shapes: [[100, 2], [2, 3], [3]],
      apply: (x, weight, bias) => linear(x, weight, bias),
      reference: (x, weight, bias) => reference(x, weight, bias),
    });
  });

  it('works without a bias', async () => {
    await checkOperation({
      shapes: [
        [3, 4],
        [4, 2],
      ],
      apply: (x, weight) => linear(x, weight),
      reference: (x, weight) => reference(x, weight, new Float64Array(2)),
    });
  });

  it('takes rows times columns: [1, 2] · [[1, 10], [100, 1000]] + [5, 6] = [206, 2016]', async () => {
    const y = linear(
      tf.tensor1d([1, 2]),
      tf.tensor2d([
        [1, 10],
        [100, 1000],
      ]),
      tf.tensor1d([5, 6]),
    );
    expect(y.shape).toEqual([2]);
    await expectClose(y, [206, 2016], 1e-6);
  });

  it('names what it wanted and what it got', () => {
    expect(() => linear(tf.zeros([2, 4]), tf.zeros([3, 5]))).toThrow(
      'linear: weight must be [inputDim, outputDim] = [4, 5], got [3, 5]',
    );
    expect(() => linear(tf.zeros([2, 4]), tf.zeros([4, 5]), tf.zeros([4]))).toThrow(
      'linear: bias must be [outputDim] = [5], got [4]',
    );
  });
});
