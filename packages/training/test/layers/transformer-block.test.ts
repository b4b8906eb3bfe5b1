import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom, MultiHeadAttention, rotaryAngles, TransformerBlock, TransformerStack } from '../../src/index.ts';
import { expectClose, numbers, pytorch } from './support.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('TransformerBlock', () => {
  it("agrees with PyTorch, value and input's gradient", async () => {
    const block = new TransformerBlock({ dim: 4, numHeads: 2, mlpRatio: 2, random: createRandom(1) });
    const { shapes, y, dx } = pytorch.transformerBlock;
    expect([...block.parameters.keys()]).toEqual(Object.keys(shapes));
    let index = 0;
    for (const [path, variable] of block.parameters) {
      expect(variable.shape).toEqual(shapes[path]);
      variable.assign(numbers(variable.shape, 100 * (index += 1)));
    }
    const x = numbers([2, 3, 4], 5);
    await expectClose(block.apply(x), y);
    const gradient = tf.grad((input) => tf.sum(tf.mul(block.apply(input), numbers([2, 3, 4], 6))))(x);
    await expectClose(gradient, dx, 1e-4);
    block.dispose();
  });

  it('is random in training alone, and the same for the same step', async () => {
    const random = createRandom(1);
    const block = new TransformerBlock({ dim: 4, numHeads: 1, random, dropoutRate: 0.2, stochasticDepthRate: 0.2 });
    const x = numbers([4, 3, 4], 1);
    const run = async (training: boolean, step: number) => [...(await block.apply(x, { training, step }).data())];
    expect(await run(false, 0)).toEqual(await run(false, 1));
    expect(await run(true, 0)).toEqual(await run(true, 0));
    expect(await run(true, 0)).not.toEqual(await run(true, 1));
    expect(await run(true, 0)).not.toEqual(await run(false, 0));
    block.dispose();
  });
});

describe('TransformerStack', () => {
  it('names its parameters by block and ends with a norm', () => {
    const stack = new TransformerStack({ dim: 4, numHeads: 1, depth: 2, random: createRandom(1) });
    const paths = [...stack.parameters.keys()];
    expect(paths[0]).toBe('blocks.0.attentionNorm.gamma');
    expect(paths).toContain('blocks.1.attention.query.weight');
    expect(paths.slice(-2)).toEqual(['norm.gamma', 'norm.beta']);
    stack.dispose();
  });

  it('starts its blocks differently', async () => {
    const stack = new TransformerStack({ dim: 4, numHeads: 1, depth: 2, random: createRandom(1) });
    const [first, second] = [0, 1].map((block) => stack.parameters.get(`blocks.${block}.mlp.expand.weight`)!);
    expect([...(await first!.data())]).not.toEqual([...(await second!.data())]);
    stack.dispose();
  });
});

/** The first two positions of `[1, 3, 4]`. */
function firstTwo(y: tf.Tensor): tf.Tensor {
  return y.slice([0, 0, 0], [1, 2, 4]);
}

describe('MultiHeadAttention', () => {
  it('does not see what padded positions hold', async () => {
    const attention = new MultiHeadAttention({ dim: 4, numHeads: 2, random: createRandom(1) });
    const padding = tf.tensor2d([[0, 0, 1]], [1, 3], 'int32');
    const x = numbers([1, 3, 4], 1);
    const changed = tf.add(x, tf.tensor3d([0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9], [1, 3, 4]));
    const expected = [...(await firstTwo(attention.apply(x, undefined, { padding })).data())];
    await expectClose(firstTwo(attention.apply(changed, undefined, { padding })), expected, 0);
    const unpadded = [...(await firstTwo(attention.apply(changed)).data())];
    expect(unpadded).not.toEqual(expected);
  });

  it('with rotary positions depends on their differences alone', async () => {
    const attention = new MultiHeadAttention({ dim: 8, numHeads: 2, random: createRandom(1) });
    const x = numbers([1, 3, 8], 1);
    const at = (positions: number[]) =>
      attention.apply(x, undefined, { rotary: rotaryAngles(tf.tensor2d([positions]), 4) });
    const expected = [...(await at([0, 2, 5]).data())];
    await expectClose(at([10, 12, 15]), expected, 1e-5);
    await expectClose(at([0, 0, 0]), [...(await attention.apply(x).data())], 1e-6);
    expect([...(await at([0, 1, 5]).data())]).not.toEqual(expected);
  });

  it('throws an InputError when the heads do not divide the channels', () => {
    expect(() => new MultiHeadAttention({ dim: 6, numHeads: 4, random: createRandom(1) })).toThrow(
      'MultiHeadAttention: numHeads must divide dim = 6, got 4',
    );
  });
});
