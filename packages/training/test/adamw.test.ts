import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../src/index.ts';
import { expectClose, numbers, pytorch } from './layers/support.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function createParameters(): Map<string, tf.Variable> {
  return new Map([
    ['weight', tf.variable(numbers([3, 4], 1))],
    ['bias', tf.variable(numbers([4], 2))],
  ]);
}

function gradientsOf(step: number): Map<string, tf.Tensor> {
  return new Map([
    ['weight', numbers([3, 4], 10 + step)],
    ['bias', numbers([4], 20 + step)],
  ]);
}

const options = { betas: [0.9, 0.95], weightDecay: 0.1, maxGradientNorm: 1 } as const;

describe('AdamW', () => {
  it("follows PyTorch's, with clipping, decay of the matrix alone and a changing rate", async () => {
    const parameters = createParameters();
    const optimizer = new AdamW(parameters, options);
    for (const [step, expected] of pytorch.adamw.entries()) {
      const norm = optimizer.step(gradientsOf(step), tf.scalar(0.01 * (step + 1)));
      await expectClose(norm, [expected.norm]);
      await expectClose(parameters.get('weight')!, expected.weight, 1e-5);
      await expectClose(parameters.get('bias')!, expected.bias, 1e-5);
    }
    optimizer.dispose();
  });

  it('continues exactly from its state and its number of updates', async () => {
    const [parameters, copies] = [createParameters(), createParameters()];
    const optimizer = new AdamW(parameters, options);
    for (const step of [0, 1]) optimizer.step(gradientsOf(step), tf.scalar(0.01));
    const continued = new AdamW(copies, options);
    for (const [path, variable] of copies) variable.assign(parameters.get(path)!);
    for (const [path, variable] of continued.state) variable.assign(optimizer.state.get(path)!);
    continued.numUpdates = optimizer.numUpdates;
    for (const each of [optimizer, continued]) each.step(gradientsOf(2), tf.scalar(0.01));
    for (const [path, variable] of copies) {
      expect([...(await variable.data())]).toEqual([...(await parameters.get(path)!.data())]);
    }
  });

  it('takes a missing gradient for zero: the parameter only decays', async () => {
    const parameters = createParameters();
    const before = [...(await parameters.get('weight')!.data())];
    const optimizer = new AdamW(parameters, { weightDecay: 0.1 });
    optimizer.step(new Map([['bias', numbers([4], 20)]]), tf.scalar(0.5));
    await expectClose(
      parameters.get('weight')!,
      before.map((value) => value * (1 - 0.5 * 0.1)),
      1e-6,
    );
  });

  it('works with matrices alone', () => {
    const parameters = new Map([['weight', tf.variable(numbers([2, 2], 1))]]);
    const optimizer = new AdamW(parameters);
    expect(() => optimizer.step(new Map([['weight', numbers([2, 2], 2)]]), tf.scalar(0.1))).not.toThrow();
  });

  it('leaves nothing behind but the norm, and disposes its state', () => {
    const parameters = createParameters();
    const [gradients, rate] = [gradientsOf(0), tf.scalar(0.1)];
    const numBefore = tf.memory().numTensors;
    const optimizer = new AdamW(parameters, options);
    const numWithState = tf.memory().numTensors;
    const norm = optimizer.step(gradients, rate);
    expect(tf.memory().numTensors).toBe(numWithState + 1);
    norm.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(numBefore);
  });

  it('names the parameter whose gradient has another shape', () => {
    const optimizer = new AdamW(createParameters());
    expect(() => optimizer.step(new Map([['bias', tf.zeros([3])]]), tf.scalar(0.1))).toThrow(
      'AdamW.step: gradient of bias must be [4], got [3]',
    );
  });
});
