import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerNorm, mlp, residualMlp } from '../../src/fused/index.ts';
import { backends, checkOperation, expectClose, uniformNumbers, useBackend } from './check-operation.ts';
import { affine, geluOf, normalizeRows } from './references.ts';

type Inputs = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

function whole(...inputs: tf.Tensor[]): tf.Tensor {
  const [x, gamma, beta, expandWeight, expandBias, contractWeight, contractBias] = inputs as Inputs;
  return residualMlp(x, { gamma, beta, epsilon: 0.1 }, { expandWeight, expandBias, contractWeight, contractBias });
}

function apart(...inputs: tf.Tensor[]): tf.Tensor {
  const [x, gamma, beta, expandWeight, expandBias, contractWeight, contractBias] = inputs as Inputs;
  const parameters = { expandWeight, expandBias, contractWeight, contractBias };
  return tf.add(x, mlp(layerNorm(x, gamma, beta, 0.1), parameters));
}

describe.each(backends)('residualMlp on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('adds an MLP of the normalised input to it, with its gradients', async () => {
    await checkOperation({
      shapes: [[2, 3, 4], [4], [4], [4, 6], [6], [6, 4], [4]],
      apply: whole,
      reference: (x, gamma, beta, expandWeight, expandBias, contractWeight, contractBias) => {
        const hidden = affine(normalizeRows(x, gamma, beta, 0.1), expandWeight, expandBias);
        return affine(hidden.map(geluOf), contractWeight, contractBias).map((value, i) => value + x[i]!);
      },
    });
  });

  it('names what it wanted and what it got', () => {
    const parameters = { expandWeight: tf.zeros([4, 6]), expandBias: tf.zeros([6]), contractBias: tf.zeros([4]) };
    const norm = { gamma: tf.ones([4]), beta: tf.zeros([4]) };
    expect(() => residualMlp(tf.zeros([2, 4]), norm, { ...parameters, contractWeight: tf.zeros([6, 5]) })).toThrow(
      'residualMlp: contractWeight must be [hiddenDim, outputDim] = [6, 4], got [6, 5]',
    );
  });
});

describe('residualMlp in several chunks of rows', () => {
  it('agrees with its parts, value and gradients', async () => {
    await useBackend('onnxruntime');
    // 2501 rows of 1024 hidden units are two chunks, not of one size.
    const shapes = [[2501, 3], [3], [3], [3, 1024], [1024], [1024, 3], [3]];
    const inputs = shapes.map((shape, index) =>
      tf.tensor(Float32Array.from(uniformNumbers(tf.util.sizeFromShape(shape), index + 1)), shape),
    );
    const dy = tf.tensor(Float32Array.from(uniformNumbers(7503, 9)), [2501, 3]);
    await expectClose(whole(...inputs), await apart(...inputs).data(), 1e-4);
    const gradients = tf.grads(whole)(inputs, dy);
    const expected = tf.grads(apart)(inputs, dy);
    for (const [index, gradient] of gradients.entries()) {
      await expectClose(gradient, await expected[index]!.data(), 2e-3);
    }
  });
});
