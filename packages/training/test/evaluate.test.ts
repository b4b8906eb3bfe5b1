import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import { TinyModel, tinyBatches } from './tiny-model.ts';

it('weights each batch by its items', async () => {
  const model = new TinyModel(1);
  const [small, large] = [tinyBatches(1, 2), tinyBatches(1, 6)];
  const lossOf = async (source: typeof small, index: number): Promise<number> => {
    const batch = await source(index);
    const [loss] = tf.tidy(() => model.loss(batch, { training: false, step: 0 }).dataSync());
    batch.dispose();
    return loss as number;
  };
  const expected = (2 * (await lossOf(small, 0)) + 6 * (await lossOf(large, 1))) / 8;
  const mixed = await evaluate(model, { batches: (index) => (index === 0 ? small(0) : large(1)), numBatches: 2 });
  expect(mixed).toBeCloseTo(expected, 12);
  model.dispose();
});

it('changes nothing, repeats, and leaves no tensor behind', async () => {
  const model = new TinyModel(1);
  const before = tf.memory().numTensors;
  const options = { batches: tinyBatches(7), numBatches: 3 };
  const first = await evaluate(model, options);
  expect(await evaluate(model, options)).toBe(first);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it('stops at the signal, with NaN when nothing was seen', async () => {
  const model = new TinyModel(1);
  const signal = AbortSignal.abort();
  expect(await evaluate(model, { batches: tinyBatches(7), numBatches: 3, signal })).toBeNaN();
  model.dispose();
});
