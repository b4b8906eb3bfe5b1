import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { resizeBackbone } from '../../src/detection/resize-backbone.ts';
import { tinyImages } from '../models.ts';
import { tinyBackbone } from './scene.ts';

test('at its own size a backbone gives the same features', async () => {
  for (const encoder of [
    { kind: 'convnet', dim: 16, depths: [1, 1, 1] },
    { kind: 'vit', dim: 16, depth: 1, numHeads: 2, positions: 'learned' },
  ] as const) {
    const backbone = tinyBackbone({ ...encoder });
    const images = tinyImages(2);
    const same = resizeBackbone(backbone, { height: 8, width: 8 });
    expect(await same.encode(images).data()).toEqual(await backbone.encode(images).data());
  }
});

test('a convnet gives the same features far from the border of a larger picture', async () => {
  // One block of 3×3 windows at half and one at full patch size: a border reaches two patches far.
  const backbone = tinyBackbone({ kind: 'convnet', dim: 16, depths: [0, 1, 1], kernelSize: 3 });
  const large = tf.randomUniform<tf.Rank.R4>([1, 24, 24, 3], 0, 1, 'float32', 1);
  const whole = resizeBackbone(backbone, { height: 24, width: 24 }).encode(large);
  const part = resizeBackbone(backbone, { height: 16, width: 16 }).encode(large.slice([0, 4, 4, 0], [1, 16, 16, 3]));
  const expected = await whole.slice([0, 4, 4, 0], [1, 4, 4, 16]).data();
  (await part.slice([0, 2, 2, 0], [1, 4, 4, 16]).data()).forEach((value, i) =>
    expect(value).toBeCloseTo(expected[i]!, 4),
  );
});

test('learned positions are stretched over a larger grid', async () => {
  const backbone = tinyBackbone({ kind: 'vit', dim: 16, depth: 1, numHeads: 2, positions: 'learned' });
  const path = [...backbone.parameters.keys()].find((name) => name.endsWith('positions.table'))!;
  // In channel 0 the row, in channel 1 the column, of 4×4.
  const table = tf.tensor2d(
    Array.from({ length: 16 }, (_, i) => [Math.floor(i / 4), i % 4, ...Array<number>(14).fill(0)]),
  );
  backbone.parameters.get(path)!.assign(table);
  const resized = resizeBackbone(backbone, { height: 16, width: 8 });
  const stretched = (await resized.parameters.get(path)!.array()) as number[][];
  expect(stretched).toHaveLength(32);
  // Rows 8 in the place of 4, cell middles at (i + 0.5) / 2 − 0.5, kept inside.
  const rows = [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3];
  stretched.forEach((values, i) => {
    expect(values[0]).toBeCloseTo(rows[Math.floor(i / 4)]!, 5);
    expect(values[1]).toBeCloseTo(i % 4, 5);
  });
});

test('the copy has weights of its own and frees them', () => {
  const backbone = tinyBackbone();
  const before = tf.memory().numTensors;
  const copy = resizeBackbone(backbone, { height: 16, width: 12 });
  expect(copy.grid).toEqual({ height: 8, width: 6 });
  copy.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => resizeBackbone(backbone, { height: 9, width: 8 })).toThrow('patchSize must divide');
  expect(tf.memory().numTensors).toBe(before);
});
