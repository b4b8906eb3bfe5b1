import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { paddingBias, residualAttention } from '../../src/fused/index.ts';
import { backends, checkOperation, useBackend } from './check-operation.ts';
import { affine, attend, normalizeRows } from './references.ts';

const DIM = 4;
const EPSILON = 0.1;

/** x, gamma and beta, then weight and bias of query, key, value and output. */
const shapes = [[2, 3, DIM], [DIM], [DIM], ...[1, 2, 3, 4].flatMap(() => [[DIM, DIM], [DIM]])];

type List<T> = [T, T, T, T, T, T, T, T, T, T, T];

function apply(bias?: tf.Tensor4D): (...inputs: tf.Tensor[]) => tf.Tensor {
  return (...inputs) => {
    const [
      x,
      gamma,
      beta,
      queryWeight,
      queryBias,
      keyWeight,
      keyBias,
      valueWeight,
      valueBias,
      outputWeight,
      outputBias,
    ] = inputs as List<tf.Tensor>;
    const parameters = {
      queryWeight,
      queryBias,
      keyWeight,
      keyBias,
      valueWeight,
      valueBias,
      outputWeight,
      outputBias,
    };
    const options = { numHeads: 2, ...(bias && { bias }) };
    return residualAttention(x as tf.Tensor3D, { gamma, beta, epsilon: EPSILON }, parameters, options);
  };
}

function reference(isHidden: (sample: number, key: number) => boolean): (...inputs: Float64Array[]) => Float64Array {
  return (...inputs) => {
    const [
      x,
      gamma,
      beta,
      queryWeight,
      queryBias,
      keyWeight,
      keyBias,
      valueWeight,
      valueBias,
      outputWeight,
      outputBias,
    ] = inputs as List<Float64Array>;
    const normalized = normalizeRows(x, gamma, beta, EPSILON);
    const [query, key, value] = [
      affine(normalized, queryWeight, queryBias),
      affine(normalized, keyWeight, keyBias),
      affine(normalized, valueWeight, valueBias),
    ];
    const sizes = { batch: 2, queryLength: 3, keyLength: 3, dim: DIM, numHeads: 2, isHidden };
    return affine(attend(query, key, value, sizes), outputWeight, outputBias).map((y, i) => y + x[i]!);
  };
}

describe.each(backends)('residualAttention on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('adds attention of the normalised input to it, with its gradients', async () => {
    await checkOperation({ shapes, spread: 1.5, apply: apply(), reference: reference(() => false), tolerance: 5e-5 });
  });

  it('attends to no padded key, with its gradients', async () => {
    const hidden = [false, false, true, false, true, true];
    const padding = tf.tensor2d(hidden, [2, 3], 'bool');
    const bias = paddingBias(padding);
    await checkOperation({
      shapes,
      apply: apply(bias),
      reference: reference((sample, key) => hidden[3 * sample + key]!),
      tolerance: 5e-5,
    });
    tf.dispose([padding, bias]);
  });

  it('names what it wanted and what it got', () => {
    const inputs = shapes.map((shape) => tf.zeros(shape));
    expect(() => apply()(...inputs.with(5, tf.zeros([DIM, 3])))).toThrow(
      'residualAttention: keyWeight must be [dim, dim] = [4, 4], got [4, 3]',
    );
    expect(() => apply()(...inputs.with(0, tf.zeros([3, DIM])))).toThrow(
      'residualAttention: x must be [batch, length, dim], got [3, 4]',
    );
  });
});
