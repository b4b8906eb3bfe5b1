import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { meanSquaredError } from '../../src/fused/index.ts';
import { backends, checkOperation, uniformNumbers, useBackend } from './check-operation.ts';

describe.each(backends)('meanSquaredError on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('is the mean of the squared differences, with its gradient', async () => {
    const values = uniformNumbers(12, 5);
    const target = tf.tensor(Float32Array.from(values), [3, 4]);
    await checkOperation({
      shapes: [[3, 4]],
      apply: (prediction) => meanSquaredError(prediction, target),
      reference: (prediction) =>
        Float64Array.of(prediction.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0) / 12),
    });
    target.dispose();
  });

  it('names what it wanted and what it got', () => {
    expect(() => meanSquaredError(tf.zeros([2, 3]), tf.zeros([3]))).toThrow(
      'meanSquaredError: target must be the shape of prediction = [2, 3], got [3]',
    );
  });
});
