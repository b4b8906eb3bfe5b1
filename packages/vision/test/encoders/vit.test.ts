import type { BlockVisibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { VitEncoder } from '../../src/encoders/vit.ts';

const options = { dim: 8, depth: 1, numHeads: 2, mlpRatio: 2, positions: 'sin-cos', stochasticDepthRate: 0 } as const;
const grid = { height: 3, width: 4 };
const context = () => ({ grid, patchSize: 2, numChannels: 1, random: createRandom(1) });

function blockAt(top: number, left: number, batchSize = 1): BlockVisibility {
  return { kind: 'block', grid, batchSize, blocks: [{ top, left, height: 2, width: 2 }] };
}

test('a feature depends on where its patch lies', async () => {
  const encoder = new VitEncoder(options, context());
  const patches = tf.randomNormal<tf.Rank.R3>([1, 4, 4], 0, 1, 'float32', 3);
  const here = await encoder.encode(patches, blockAt(0, 0)).data();
  const there = await encoder.encode(patches, blockAt(1, 2)).data();
  expect(Math.max(...here.map((value, i) => Math.abs(value - there[i]!)))).toBeGreaterThan(0.01);
});

test('a shared block, the same block per sample and the same patches scattered give the same features', async () => {
  const encoder = new VitEncoder(options, context());
  const patches = tf.randomNormal<tf.Rank.R3>([2, 4, 4], 0, 1, 'float32', 3);
  const shared = blockAt(1, 1, 2);
  const perSample = { ...shared, blocks: [...shared.blocks, ...shared.blocks] };
  const scattered = {
    kind: 'scattered',
    grid,
    batchSize: 2,
    numVisible: 4,
    indices: Int32Array.of(5, 6, 9, 10, 5, 6, 9, 10),
  } as const;
  const expected = await encoder.encode(patches, shared).data();
  for (const visibility of [perSample, scattered]) {
    const features = await encoder.encode(patches, visibility).data();
    features.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  }
});

test('learned positions are trained, fixed ones are not', () => {
  const fixed = new VitEncoder(options, context());
  const learned = new VitEncoder({ ...options, positions: 'learned' }, context());
  const added = [...learned.parameters.keys()].filter((path) => !fixed.parameters.has(path));
  expect(added).toEqual(['positions.table']);
  expect(learned.parameters.get('positions.table')!.shape).toEqual([12, 8]);
});

test('operations are counted as two for each multiplication and addition', () => {
  const encoder = new VitEncoder(options, context());
  // 4 tokens. Embedding: 4·8. Block: query, key, value and output 4·8² = 256; MLP 2·2·8² = 256; attention 2·4·8 = 64.
  expect(encoder.countFlops({ height: 2, width: 2 })).toBe(2 * 4 * (32 + 256 + 256 + 64));
});

test('disposing frees every tensor', () => {
  const before = tf.memory().numTensors;
  const encoder = new VitEncoder({ ...options, positions: 'learned' }, context());
  expect(tf.memory().numTensors).toBeGreaterThan(before);
  encoder.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
