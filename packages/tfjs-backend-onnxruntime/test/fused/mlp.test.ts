import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gelu, linear, mlp } from '../../src/fused/index.ts';
import { backends, checkOperation, expectClose, uniformNumbers, useBackend } from './check-operation.ts';
import { affine, geluOf } from './references.ts';

describe.each(backends)('mlp on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('is two linear maps with a GELU between them, with its gradients', async () => {
    await checkOperation({
      shapes: [[2, 3, 4], [4, 6], [6], [6, 5], [5]],
      apply: (x, expandWeight, expandBias, contractWeight, contractBias) =>
        mlp(x, { expandWeight, expandBias, contractWeight, contractBias }),
      reference: (x, expandWeight, expandBias, contractWeight, contractBias) => {
        const hidden = affine(x, expandWeight, expandBias);
        return affine(hidden.map(geluOf), contractWeight, contractBias);
      },
    });
  });

  it('names what it wanted and what it got', () => {
    const parameters = { expandWeight: tf.zeros([4, 6]), expandBias: tf.zeros([6]), contractBias: tf.zeros([5]) };
    expect(() => mlp(tf.zeros([2, 4]), { ...parameters, contractWeight: tf.zeros([5, 5]) })).toThrow(
      'mlp: contractWeight must be [hiddenDim, outputDim] = [6, 5], got [5, 5]',
    );
  });
});

function whole(...inputs: tf.Tensor[]): tf.Tensor {
  const [x, expandWeight, expandBias, contractWeight, contractBias] = inputs as Parameters;
  return mlp(x, { expandWeight, expandBias, contractWeight, contractBias });
}

function apart(...inputs: tf.Tensor[]): tf.Tensor {
  const [x, expandWeight, expandBias, contractWeight, contractBias] = inputs as Parameters;
  return linear(gelu(linear(x, expandWeight, expandBias)), contractWeight, contractBias);
}

type Parameters = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

describe('mlp in several chunks of rows', () => {
  it('agrees with the three operations apart, value and gradients', async () => {
    await useBackend('onnxruntime');
    // 4001 rows of 1024 hidden units are four chunks, not all of one size.
    const shapes = [[4001, 3], [3, 1024], [1024], [1024, 2], [2]];
    const inputs = shapes.map((shape, index) =>
      tf.tensor(Float32Array.from(uniformNumbers(tf.util.sizeFromShape(shape), index + 1)), shape),
    );
    const dy = tf.tensor(Float32Array.from(uniformNumbers(8002, 9)), [4001, 2]);
    await expectClose(whole(...inputs), await apart(...inputs).data(), 1e-4);
    const gradients = tf.grads(whole)(inputs, dy);
    const expected = tf.grads(apart)(inputs, dy);
    for (const [index, gradient] of gradients.entries()) {
      await expectClose(gradient, await expected[index]!.data(), 1e-3);
    }
  });
});
