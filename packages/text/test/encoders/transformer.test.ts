import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { positionKinds, TransformerTextEncoder } from '../../src/encoders/transformer.ts';
import type { PositionKind } from '../../src/encoders/transformer.ts';

const sizes = {
  kind: 'transformer',
  vocabSize: 20,
  length: 10,
  dim: 8,
  depth: 2,
  numHeads: 2,
  dropoutRate: 0,
} as const;
let encoder: TransformerTextEncoder;
const create = (positions: PositionKind): TransformerTextEncoder => {
  encoder = new TransformerTextEncoder({ ...sizes, positions }, createRandom(1));
  return encoder;
};
afterEach(() => encoder.dispose());

/** Features of one row, one array a token. */
function encode(ids: number[], positions: number[], padding?: number[]): number[][] {
  return tf.tidy(() => {
    const shape: [number, number] = [1, ids.length];
    const paddingTensor = padding && tf.tensor2d(padding, shape);
    return encoder
      .apply(tf.tensor2d(ids, shape, 'int32'), tf.tensor2d(positions, shape, 'int32'), paddingTensor)
      .squeeze<tf.Tensor2D>([0])
      .arraySync();
  });
}

const expectClose = (a: number[][], b: number[][]): void =>
  a.forEach((row, index) => row.forEach((value, channel) => expect(value).toBeCloseTo(b[index]![channel]!, 4)));
const difference = (a: number[][], b: number[][]): number =>
  Math.max(...a.flat().map((value, index) => Math.abs(value - b.flat()[index]!)));

describe.each(positionKinds)('with %s positions', (kind) => {
  it('knows tokens by their place, not by the order in which they come', () => {
    create(kind);
    const inOrder = encode([5, 6, 7], [1, 4, 8]);
    const shuffled = encode([7, 5, 6], [8, 1, 4]);
    expectClose([shuffled[1]!, shuffled[2]!, shuffled[0]!], inOrder);
  });

  it('tells the same tokens at other distances apart', () => {
    create(kind);
    expect(difference(encode([5, 6], [0, 1]), encode([5, 6], [0, 7]))).toBeGreaterThan(1e-4);
  });

  it('lets no padding into the features of the others', () => {
    create(kind);
    const some = encode([5, 6, 9, 9], [0, 1, 2, 3], [0, 0, 1, 1]);
    expectClose(some.slice(0, 2), encode([5, 6], [0, 1]));
  });

  it('leaves no tensor behind', () => {
    create(kind);
    const before = tf.memory().numTensors;
    encode([5, 6], [0, 1]);
    expect(tf.memory().numTensors).toBe(before);
    const another = new TransformerTextEncoder({ ...sizes, positions: kind }, createRandom(2));
    another.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('rotary positions are relative', () => {
  create('rotary');
  expectClose(encode([5, 6, 7], [0, 1, 3]), encode([5, 6, 7], [4, 5, 7]));
});

it('learned positions are absolute, and trained', () => {
  create('learned');
  expect(difference(encode([5, 6, 7], [0, 1, 3]), encode([5, 6, 7], [4, 5, 7]))).toBeGreaterThan(1e-3);
  expect([...encoder.parameters.keys()]).toContain('positions.table');
});
