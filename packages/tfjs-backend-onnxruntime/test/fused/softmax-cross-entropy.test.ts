import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { softmaxCrossEntropy } from '../../src/fused/index.ts';
import { backends, checkOperation, expectClose, useBackend } from './check-operation.ts';

function reference(logits: Float64Array, labels: readonly number[], weights: readonly number[]): Float64Array {
  const classes = logits.length / labels.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const values = logits.slice(row * classes, (row + 1) * classes);
    const logSum = Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));
    loss += (weights[row]! / total) * (logSum - values[label]!);
  }
  return Float64Array.of(loss);
}

describe.each(backends)('softmaxCrossEntropy on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('is the mean of −log softmax at the labels, with its gradient', async () => {
    const labels = tf.tensor1d([3, 0, 2], 'int32');
    await checkOperation({
      shapes: [[3, 4]],
      spread: 4,
      apply: (logits) => softmaxCrossEntropy(logits as tf.Tensor2D, labels),
      reference: (logits) => reference(logits, [3, 0, 2], [1, 1, 1]),
    });
    labels.dispose();
  });

  it('averages by weight and leaves out rows of weight 0, with its gradient', async () => {
    const labels = tf.tensor1d([3, 0, 2], 'int32');
    const weights = tf.tensor1d([1, 0, 3]);
    await checkOperation({
      shapes: [[3, 4]],
      apply: (logits) => softmaxCrossEntropy(logits as tf.Tensor2D, labels, weights),
      reference: (logits) => reference(logits, [3, 0, 2], [1, 0, 3]),
    });
    tf.dispose([labels, weights]);
  });

  it('stays finite with huge logits', async () => {
    const logits = tf.tensor2d([[1e4, 0, -1e4]]);
    const labels = tf.tensor1d([1], 'int32');
    await expectClose(softmaxCrossEntropy(logits, labels), [1e4], 1e-5);
    const dx = tf.grad((x) => softmaxCrossEntropy(x as tf.Tensor2D, labels))(logits);
    await expectClose(dx, [1, -1, 0], 1e-6);
  });

  it('is 0 with a gradient of 0 when every weight is 0', async () => {
    const [labels, weights] = [tf.tensor1d([1, 0], 'int32'), tf.zeros<tf.Rank.R1>([2])];
    const loss = (x: tf.Tensor) => softmaxCrossEntropy(x as tf.Tensor2D, labels, weights);
    await expectClose(loss(tf.ones([2, 3])), [0], 0);
    await expectClose(tf.grad(loss)(tf.ones([2, 3])), [0, 0, 0, 0, 0, 0], 0);
  });

  it('names what it wanted and what it got', () => {
    expect(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([2]))).toThrow(
      'softmaxCrossEntropy: labels must be int32 class numbers, got float32',
    );
    expect(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([3], 'int32'))).toThrow(
      'softmaxCrossEntropy: labels must be [rows] = [2], got [3]',
    );
  });
});

it('has its gradient on wasm too, where one-hot rows of float32 come out wrong', async () => {
  await import('@tensorflow/tfjs-backend-wasm');
  await useBackend('wasm');
  const gradient = tf.tidy(() => {
    const labels = tf.tensor1d([1, 0], 'int32');
    const ofLogits = tf.grad((logits) => softmaxCrossEntropy(logits as tf.Tensor2D, labels));
    return ofLogits(tf.zeros([2, 2])).dataSync();
  });
  // (softmax − one-hot) / rows = (½ − 0, ½ − 1) / 2 and (½ − 1, ½ − 0) / 2.
  expect(gradient).toEqual(Float32Array.of(0.25, -0.25, -0.25, 0.25));
});
