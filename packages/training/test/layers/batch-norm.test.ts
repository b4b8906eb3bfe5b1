import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchNorm } from '../../src/index.ts';
import { expectClose, numbers, pytorch } from './support.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('BatchNorm', () => {
  it('agrees with PyTorch over three training batches and in evaluation after them', async () => {
    const norm = new BatchNorm({ dim: 3 });
    for (const [index, expected] of pytorch.batchNorm.outputs.entries()) {
      await expectClose(norm.apply(numbers([4, 3], index + 1), { training: true, step: index }), expected);
    }
    await expectClose(norm.apply(numbers([4, 3], 1)), pytorch.batchNorm.evaluated);
    norm.dispose();
  });

  it('leaves its result alone behind and disposes its statistics', () => {
    const x = numbers([4, 3], 1);
    const numBefore = tf.memory().numTensors;
    const norm = new BatchNorm({ dim: 3 });
    const y = norm.apply(x, { training: true, step: 0 });
    expect(tf.memory().numTensors).toBe(numBefore + 3);
    y.dispose();
    norm.dispose();
    expect(tf.memory().numTensors).toBe(numBefore);
  });
});
