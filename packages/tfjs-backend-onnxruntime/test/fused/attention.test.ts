import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, paddingBias } from '../../src/fused/index.ts';
import { backends, checkOperation, expectClose, useBackend } from './check-operation.ts';
import { attend } from './references.ts';

describe.each(backends)('attention on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('weighs the values by the softmax of the scores, per head, with its gradients', async () => {
    const sizes = { batch: 2, queryLength: 3, keyLength: 4, dim: 6, numHeads: 2 };
    await checkOperation({
      shapes: [
        [2, 3, 6],
        [2, 4, 6],
        [2, 4, 6],
      ],
      spread: 2,
      apply: (q, k, v) => attention(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, { numHeads: 2 }),
      reference: (q, k, v) => attend(q, k, v, sizes),
    });
  });

  it('attends to no padded key, with its gradients', async () => {
    const padding = tf.tensor2d([false, false, true, false, true, true], [2, 3], 'bool');
    const hidden = [false, false, true, false, true, true];
    const isHidden = (sample: number, key: number) => hidden[3 * sample + key]!;
    const sizes = { batch: 2, queryLength: 3, keyLength: 3, dim: 4, numHeads: 1, isHidden };
    const bias = paddingBias(padding);
    await checkOperation({
      shapes: [
        [2, 3, 4],
        [2, 3, 4],
        [2, 3, 4],
      ],
      apply: (q, k, v) => attention(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, { numHeads: 1, bias }),
      reference: (q, k, v) => attend(q, k, v, sizes),
    });
    tf.dispose([padding, bias]);
  });

  it('with scale 0 gives every query the mean of the values', async () => {
    const q = tf.ones<tf.Rank.R3>([1, 2, 2]);
    const v = tf.tensor3d([1, 2, 3, 6], [1, 2, 2]);
    await expectClose(attention(q, q, v, { numHeads: 1, scale: 0 }), [2, 4, 2, 4], 1e-6);
  });

  it('names what it wanted and what it got', () => {
    const x = tf.zeros<tf.Rank.R3>([1, 2, 4]);
    expect(() => attention(x, x, x, { numHeads: 3 })).toThrow('attention: numHeads must divide dim = 4, got 3');
    expect(() => attention(x, tf.zeros([2, 2, 4]), x, { numHeads: 2 })).toThrow(
      'attention: key must be [batch, keyLength, dim] = [1, 2, 4], got [2, 2, 4]',
    );
  });
});
