import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom, PositionEmbedding, sinCosTable } from '../../src/index.ts';
import { expectClose } from './support.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const random = createRandom(1);

describe('sinCosTable', () => {
  it('has sines then cosines of position / 10000^(i / n) for a sequence', () => {
    // dim 4: n = 2 frequencies, 1 and 1 / 100
    const table = sinCosTable({ height: 1, width: 3 }, 4);
    const expected = [Math.sin(2), Math.sin(0.02), Math.cos(2), Math.cos(0.02)];
    expect(Array.from(table.slice(8))).toEqual(Array.from(Float32Array.from(expected)));
  });

  it('gives half of the channels to the row and half to the column of a grid', () => {
    // dim 4: one frequency per axis; the place in row 1 and column 2 of 2 × 3 is the last
    const table = sinCosTable({ height: 2, width: 3 }, 4);
    const expected = [Math.sin(1), Math.cos(1), Math.sin(2), Math.cos(2)];
    expect(Array.from(table.slice(-4))).toEqual(Array.from(Float32Array.from(expected)));
  });

  it('says which sizes it can share', () => {
    expect(() => sinCosTable({ height: 2, width: 2 }, 6)).toThrow(
      'PositionEmbedding: dim must be a multiple of 4 for sin-cos, got 6',
    );
    expect(() => sinCosTable({ height: 1, width: 2 }, 3)).toThrow(
      'PositionEmbedding: dim must be a multiple of 2 for sin-cos, got 3',
    );
  });
});

describe('PositionEmbedding', () => {
  it('gathers the vectors of positions, per sample', async () => {
    const embedding = new PositionEmbedding({ grid: { height: 1, width: 4 }, dim: 2, kind: 'sin-cos', random });
    const at = embedding.at(tf.tensor2d([[3, 0]], [1, 2], 'int32'));
    expect(at.shape).toEqual([1, 2, 2]);
    await expectClose(at, [Math.sin(3), Math.cos(3), 0, 1], 1e-6);
    embedding.dispose();
  });

  it('has one trainable table when learned, none when fixed', () => {
    const options = { grid: { height: 2, width: 2 }, dim: 4, random };
    const numBefore = tf.memory().numTensors;
    const learned = new PositionEmbedding({ ...options, kind: 'learned' });
    const fixed = new PositionEmbedding({ ...options, kind: 'sin-cos' });
    expect([...learned.parameters.keys()]).toEqual(['table']);
    expect(fixed.parameters.size).toBe(0);
    learned.dispose();
    fixed.dispose();
    expect(tf.memory().numTensors).toBe(numBefore);
  });
});
