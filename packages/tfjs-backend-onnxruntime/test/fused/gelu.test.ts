import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { gelu } from '../../src/fused/index.ts';
import { backends, checkOperation, erf, expectClose, useBackend } from './check-operation.ts';

describe.each(backends)('gelu on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('is x Φ(x), with its gradient', async () => {
    await checkOperation({
      shapes: [[4, 9]],
      spread: 3,
      apply: (x) => gelu(x),
      reference: (x) => x.map((value) => (value * (1 + erf(value / Math.SQRT2))) / 2),
    });
  });

  it('passes large values, stops very negative ones, and has slope ½ at zero', async () => {
    await expectClose(gelu(tf.tensor1d([20, -20, 0])), [20, 0, 0], 1e-6);
    await expectClose(tf.grad((x) => gelu(x))(tf.tensor1d([20, -20, 0])), [1, 0, 0.5], 1e-6);
  });
});
