import { evaluate } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { MaskedImageModel, evaluateByDistance } from '../src/index.ts';
import { tinyBatch, tinyOptions } from './models.ts';

test('the losses of all distances, by their patches, make the loss of all batches', async () => {
  // Random patches lie at other distances in every batch.
  const model = new MaskedImageModel({ ...tinyOptions, mask: { kind: 'random', ratio: 0.9 }, fill: 'mask-token' });
  const options = { batches: (index: number) => tinyBatch(model, 2, index), numBatches: 3 };
  const before = tf.memory().numTensors;
  const rows = await evaluateByDistance(model, options);
  expect(tf.memory().numTensors).toBe(before);
  expect(rows.map(({ distance }) => distance)).toEqual([0, 1, 2, 3].slice(0, rows.length));
  expect(rows.length).toBeGreaterThan(2);

  const masked = rows.filter(({ distance }) => distance > 0);
  const numMasked = masked.reduce((sum, { numPatches }) => sum + numPatches, 0);
  expect(numMasked).toBe(3 * 2 * 14);
  const mean = masked.reduce((sum, { loss, numPatches }) => sum + loss * numPatches, 0) / numMasked;
  expect(mean).toBeCloseTo(await evaluate(model, options), 5);
});

test('an aborted signal ends with what was seen', async () => {
  const model = new MaskedImageModel(tinyOptions);
  const options = { batches: () => tinyBatch(model), numBatches: 3, signal: AbortSignal.abort() };
  expect(await evaluateByDistance(model, options)).toEqual([]);
});
