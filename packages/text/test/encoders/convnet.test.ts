import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { BertModel } from '../../src/bert-model.ts';
import { ConvNetTextEncoder } from '../../src/encoders/convnet.ts';
import { MaskedTextModel } from '../../src/masked-text-model.ts';
import { tinyBatch, tinyBertOptions, tinyOptions, tokens, window } from '../tiny-model.ts';

const dim = 6;
const sizes = { kind: 'convnet', vocabSize: 20, length: 10, dim, depth: 2, kernelSize: 3, positions: 'none' } as const;
const encoder = new ConvNetTextEncoder(sizes, createRandom(1));
afterAll(() => encoder.dispose());

/** Features of one row, one array a token. */
function encode(ids: number[], padding?: number[], first = 0): number[][] {
  return tf.tidy(() => {
    const shape: [number, number] = [1, ids.length];
    const positions = tf.tensor2d(
      ids.map((_, place) => first + place),
      shape,
      'int32',
    );
    const features = encoder.apply(tf.tensor2d(ids, shape, 'int32'), positions, padding && tf.tensor2d(padding, shape));
    expect(features.shape).toEqual([1, ids.length, dim]);
    return features.squeeze<tf.Tensor2D>([0]).arraySync();
  });
}
const expectClose = (a: number[][], b: number[][]): void =>
  a.forEach((row, token) => row.forEach((value, channel) => expect(value).toBeCloseTo(b[token]![channel]!, 5)));

it('sees as far as its windows reach and no further', () => {
  // Two blocks of windows of three: two tokens to either side.
  const [one, other] = [encode([1, 2, 3, 4, 5, 6, 7]), encode([9, 2, 3, 4, 5, 6, 7])];
  const changed = one.map((row, token) => row.some((value, channel) => value !== other[token]![channel]));
  expect(changed).toEqual([true, true, true, false, false, false, false]);
});

it('looks along the text in both directions, unlike in each', () => {
  const [forward, backward] = [encode([1, 2, 3]), encode([3, 2, 1])];
  expect(forward[1]!.some((value, channel) => Math.abs(value - backward[1]![channel]!) > 1e-4)).toBe(true);
});

it('gives a window the same features wherever it lies in the row', () => {
  expectClose(encode([4, 5, 6], undefined, 7), encode([4, 5, 6]));
});

it('gives padded tokens the features that they have alone', () => {
  expectClose(encode([4, 5, 6, 1, 2], [0, 0, 0, 1, 1]).slice(0, 3), encode([4, 5, 6]));
});

it('tells places apart where they have vectors', () => {
  const placed = new ConvNetTextEncoder({ ...sizes, positions: 'learned' }, createRandom(1));
  onTestFinished(() => placed.dispose());
  expect([...placed.parameters.keys()]).toContain('positions.table');
  const at = (first: number) =>
    tf.tidy(() =>
      placed.apply(tf.tensor2d([[4]], [1, 1], 'int32'), tf.tensor2d([[first]], [1, 1], 'int32')).dataSync(),
    );
  expect(at(0)).not.toEqual(at(5));
});

it('leaves no tensor behind', () => {
  const before = tf.memory().numTensors;
  const another = new ConvNetTextEncoder(sizes, createRandom(2));
  expect(tf.memory().numTensors).toBe(before + another.parameters.size);
  another.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

const convnet = { kind: 'convnet', dim: 8, depth: 1, kernelSize: 3 } as const;

it('pre-trains from a window, and under any mask where [MASK] fills the gaps', async () => {
  const model = new MaskedTextModel(tinyOptions('linear', { encoder: convnet }));
  const bert = new BertModel(tinyBertOptions({ encoder: convnet }));
  onTestFinished(() => [model, bert].forEach((each) => each.dispose()));
  for (const [each, mask] of [
    [model, window],
    [bert, tokens],
  ] as const) {
    const batch = await tinyBatch(mask);
    const variables = [...each.parameters.values()];
    const { value, grads } = tf.variableGrads(() => each.loss(batch, { training: true, step: 0 }), variables);
    expect(value.dataSync()[0]).toBeLessThan(4);
    for (const [path, variable] of each.parameters) {
      if (path.startsWith('encoder.')) expect(grads[variable.name], path).toBeDefined();
    }
    tf.dispose([value, grads]);
  }
});

it('refuses gaps and says what to do', async () => {
  const model = new MaskedTextModel(tinyOptions('mask-token', { encoder: convnet }));
  onTestFinished(() => model.dispose());
  const batch = await tinyBatch(tokens);
  expect(() => model.loss(batch, { training: true, step: 0 })).toThrow(InputError);
  expect(() => model.loss(batch, { training: true, step: 0 })).toThrow(/neighbouring tokens.*mask all but a window/);
});
