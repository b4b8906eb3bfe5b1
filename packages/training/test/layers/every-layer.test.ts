import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Convolution2d,
  ConvNextBlock,
  createRandom,
  DepthwiseConvolution2d,
  Embedding,
  GroupNorm,
  LayerNorm,
  Linear,
  Mlp,
  MultiHeadAttention,
  TransformerBlock,
  TransformerStack,
} from '../../src/index.ts';
import type { Layer, Random } from '../../src/index.ts';
import { numbers, valuesOf } from './support.ts';

interface LayerCase {
  readonly name: string;
  readonly create: (random: Random) => Layer;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly isRandom?: boolean;
}

const sequence = [2, 3, 8];
const map = [2, 4, 4, 8];
const cases: readonly LayerCase[] = [
  {
    name: 'Linear',
    create: (random) => new Linear({ inputDim: 8, outputDim: 5, random }),
    inputShape: sequence,
    outputShape: [2, 3, 5],
    isRandom: true,
  },
  { name: 'LayerNorm', create: () => new LayerNorm({ dim: 8 }), inputShape: sequence, outputShape: sequence },
  {
    name: 'Mlp',
    create: (random) => new Mlp({ dim: 8, hiddenDim: 6, outputDim: 4, random, dropoutRate: 0.1 }),
    inputShape: sequence,
    outputShape: [2, 3, 4],
    isRandom: true,
  },
  {
    name: 'MultiHeadAttention',
    create: (random) => new MultiHeadAttention({ dim: 8, numHeads: 2, random }),
    inputShape: sequence,
    outputShape: sequence,
    isRandom: true,
  },
  {
    name: 'TransformerBlock',
    create: (random) =>
      new TransformerBlock({ dim: 8, numHeads: 2, random, dropoutRate: 0.1, stochasticDepthRate: 0.1 }),
    inputShape: sequence,
    outputShape: sequence,
    isRandom: true,
  },
  {
    name: 'TransformerStack',
    create: (random) => new TransformerStack({ dim: 8, numHeads: 2, depth: 2, random }),
    inputShape: sequence,
    outputShape: sequence,
    isRandom: true,
  },
  {
    name: 'Convolution2d',
    create: (random) => new Convolution2d({ inChannels: 8, outChannels: 5, kernelSize: 3, stride: 2, random }),
    inputShape: map,
    outputShape: [2, 2, 2, 5],
    isRandom: true,
  },
  {
    name: 'DepthwiseConvolution2d',
    create: (random) => new DepthwiseConvolution2d({ channels: 8, kernelSize: 3, random }),
    inputShape: map,
    outputShape: map,
    isRandom: true,
  },
  {
    name: 'DepthwiseConvolution2d of a sequence',
    create: (random) => new DepthwiseConvolution2d({ channels: 8, kernelSize: [1, 3], random }),
    inputShape: [2, 1, 6, 8],
    outputShape: [2, 1, 6, 8],
    isRandom: true,
  },
  {
    name: 'GroupNorm',
    create: () => new GroupNorm({ channels: 8, numGroups: 2 }),
    inputShape: map,
    outputShape: map,
  },
  {
    name: 'ConvNextBlock',
    create: (random) => new ConvNextBlock({ channels: 8, kernelSize: 3, random, stochasticDepthRate: 0.1 }),
    inputShape: map,
    outputShape: map,
    isRandom: true,
  },
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(cases)('$name', ({ create, inputShape, outputShape, isRandom = false }) => {
  const context = { training: true, step: 0 };

  it('gives the documented shape, leaves its result alone behind, and disposes its variables', () => {
    const x = numbers(inputShape, 1);
    const numBefore = tf.memory().numTensors;
    const layer = create(createRandom(1));
    const y = layer.apply(x, context);
    expect(y.shape).toEqual(outputShape);
    expect(tf.memory().numTensors).toBe(numBefore + layer.parameters.size + 1);
    y.dispose();
    layer.dispose();
    expect(tf.memory().numTensors).toBe(numBefore);
    x.dispose();
  });

  it('passes a gradient to its input and to every parameter', async () => {
    const layer = create(createRandom(1));
    const x = tf.variable(numbers(inputShape, 1));
    const weights = numbers(outputShape, 2);
    // A bias of the keys shifts all scores of a query alike, which a softmax doesn't see.
    const paths = [...layer.parameters.keys()].filter((path) => !path.endsWith('key.bias'));
    const variables = [x, ...paths.map((path) => layer.parameters.get(path)!)];
    const { grads } = tf.variableGrads(() => tf.sum(tf.mul(layer.apply(x, context), weights)), variables);
    for (const [index, variable] of variables.entries()) {
      const gradient = grads[variable.name]!;
      expect(gradient.shape).toEqual(variable.shape);
      const values = await gradient.data();
      const path = index === 0 ? 'input' : paths[index - 1];
      expect(
        values.every((value) => Number.isFinite(value)),
        path,
      ).toBe(true);
      expect(
        values.some((value) => value !== 0),
        path,
      ).toBe(true);
    }
    layer.dispose();
  });

  it('starts the same from the same stream, and otherwise from another', async () => {
    const [first, same, other] = [1, 1, 2].map((seed) => create(createRandom(seed)));
    expect(await valuesOf(same!.parameters)).toEqual(await valuesOf(first!.parameters));
    if (isRandom) expect(await valuesOf(other!.parameters)).not.toEqual(await valuesOf(first!.parameters));
  });
});

describe('Embedding', () => {
  it('looks up one row per token, and sums the gradients of a repeated one', async () => {
    const embedding = new Embedding({ vocab: 4, dim: 2, random: createRandom(1) });
    const ids = tf.tensor2d([[3, 1, 3]], [1, 3], 'int32');
    const y = embedding.apply(ids);
    const table = await embedding.table.array();
    expect(await y.array()).toEqual([[table[3], table[1], table[3]]]);
    const weights = tf.tensor3d([1, 2, 3, 4, 50, 60], [1, 3, 2]);
    const { grads } = tf.variableGrads(() => tf.sum(tf.mul(embedding.apply(ids), weights)), [embedding.table]);
    expect(await grads[embedding.table.name]!.array()).toEqual([
      [0, 0],
      [3, 4],
      [0, 0],
      [51, 62],
    ]);
    embedding.dispose();
  });
});
