import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { pretrain } from '../src/pretrain.ts';
import type { PretrainOptions, StepRecord } from '../src/pretrain.ts';
import type { ForwardContext } from '../src/layer.ts';
import { constantRate } from '../src/schedule.ts';
import { TinyModel, createTinyRun, tinyBatches } from './tiny-model.ts';
import type { TinyBatch } from './tiny-model.ts';

/** Batches of twice the size, each of two of the others. */
function doubled(seed: number): PretrainOptions<TinyBatch>['batches'] {
  const halves = tinyBatches(seed, 4);
  return async (index) => {
    const [first, second] = [await halves(2 * index), await halves(2 * index + 1)];
    const [x, y] = tf.tidy(() => [tf.concat2d([first.x, second.x], 0), tf.concat2d([first.y, second.y], 0)] as const);
    first.dispose();
    second.dispose();
    return { x, y, numItems: 8, dispose: () => tf.dispose([x, y]) };
  };
}

async function run(
  options: Partial<PretrainOptions<TinyBatch>>,
): Promise<{ records: StepRecord[]; weights: number[] }> {
  const { model, optimizer, dispose } = createTinyRun(1, { maxGradientNorm: 0.1 });
  const records: StepRecord[] = [];
  const defaults = { batches: tinyBatches(2, 4), optimizer, schedule: constantRate(0.01), numSteps: 4 };
  for await (const record of pretrain(model, { ...defaults, ...options })) records.push(record);
  const weights = [...model.parameters.values()].flatMap((variable) => Array.from(variable.dataSync()));
  dispose();
  return { records, weights };
}

describe('accumulation', () => {
  it('of two batches is one step of a batch of both', async () => {
    const accumulated = await run({ accumulationSteps: 2 });
    const together = await run({ batches: doubled(2) });
    accumulated.records.forEach((record, step) => {
      const { loss, gradientNorm } = together.records[step]!;
      expect(record).toMatchObject({ step, numItems: 8 });
      expect(record.loss).toBeCloseTo(loss, 5);
      expect(record.gradientNorm).toBeCloseTo(gradientNorm, 5);
    });
    accumulated.weights.forEach((weight, i) => expect(weight).toBeCloseTo(together.weights[i]!, 4));
  });

  it('takes the batches in turn, and each draws its own noise', async () => {
    const asked: number[] = [];
    const drawn: number[] = [];
    class Watched extends TinyModel {
      override loss(batch: TinyBatch, context: ForwardContext): tf.Scalar {
        drawn.push(context.step);
        return super.loss(batch, context);
      }
    }
    const model = new Watched(1);
    const { optimizer, dispose } = createTinyRun(1);
    const source = tinyBatches(1);
    const batches = (index: number) => {
      asked.push(index);
      return source(index);
    };
    const options = {
      batches,
      optimizer,
      schedule: constantRate(0.01),
      numSteps: 3,
      firstStep: 1,
      accumulationSteps: 3,
    };
    for await (const record of pretrain(model, options)) expect(record.itemsPerSecond).toBeGreaterThan(0);
    expect(asked).toEqual([3, 4, 5, 6, 7, 8]);
    expect(drawn).toEqual(asked);
    model.dispose();
    dispose();
  });

  it('keeps no tensors: not after a step, a stop between two batches, or an error', async () => {
    const { model, optimizer, dispose } = createTinyRun(1);
    const source = tinyBatches(1);
    const controller = new AbortController();
    const options = { optimizer, schedule: constantRate(0.01), numSteps: 4, accumulationSteps: 3 };
    const before = tf.memory().numTensors;
    const batches = (index: number) => {
      if (index === 7) controller.abort();
      return source(index);
    };
    let numSteps = 0;
    for await (const _ of pretrain(model, { ...options, batches, signal: controller.signal })) numSteps++;
    expect(numSteps).toBe(2);
    expect(tf.memory().numTensors).toBe(before);
    const failing = (index: number) => {
      if (index === 2) throw new Error('no such batch');
      return source(index);
    };
    await expect(pretrain(model, { ...options, batches: failing }).next()).rejects.toThrow('no such batch');
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });

  it('of no whole number of batches is refused', async () => {
    await expect(run({ accumulationSteps: 0 })).rejects.toThrow(
      'pretrain: accumulationSteps must be a whole number from 1, got 0',
    );
  });
});
