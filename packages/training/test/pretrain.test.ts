import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { pretrain } from '../src/pretrain.ts';
import type { PretrainOptions, StepRecord } from '../src/pretrain.ts';
import { constantRate, warmupCosine } from '../src/schedule.ts';
import { createTinyRun, tinyBatches } from './tiny-model.ts';
import type { TinyBatch } from './tiny-model.ts';

type RunOptions = Partial<PretrainOptions<TinyBatch>> & { seed?: number; maxGradientNorm?: number };

/** All records of a run of its own model. */
async function run({ seed = 1, maxGradientNorm = 1e9, ...options }: RunOptions = {}): Promise<StepRecord[]> {
  const { model, optimizer, dispose } = createTinyRun(seed, { maxGradientNorm });
  try {
    const records: StepRecord[] = [];
    const defaults = { batches: tinyBatches(seed), optimizer, schedule: constantRate(0.01), numSteps: 5 };
    for await (const record of pretrain(model, { ...defaults, ...options })) records.push(record);
    return records;
  } finally {
    dispose();
  }
}

const losses = (records: StepRecord[]): number[] => records.map(({ loss }) => loss);

describe('records', () => {
  it('count the steps and carry rate, norm and speed', async () => {
    const schedule = warmupCosine({ peak: 0.01, numSteps: 5, warmupSteps: 2 });
    const records = await run({ schedule });
    expect(records.map(({ step, numSteps }) => [step, numSteps])).toEqual([0, 1, 2, 3, 4].map((step) => [step, 5]));
    for (const record of records) {
      expect(record.learningRate).toBe(schedule(record.step));
      expect(record.gradientNorm).toBeGreaterThan(0);
      expect(record.numItems).toBe(8);
      expect(record.itemsPerSecond).toBeCloseTo(8000 / record.durationMs, 6);
      expect(record.waitMs).toBeLessThanOrEqual(record.durationMs);
    }
  });

  it('hold the loss before the update, and the norm of its gradient', async () => {
    const { model, dispose } = createTinyRun(1);
    const batch = await tinyBatches(1)(0);
    const { value, grads } = tf.variableGrads(() => model.loss(batch, { training: true, step: 0 }));
    const squares = Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)).dataSync()[0] as number);
    const [loss] = value.dataSync();
    batch.dispose();
    dispose();

    const [first] = await run({ maxGradientNorm: 1e-3 });
    expect(first?.loss).toBe(loss);
    expect(first?.gradientNorm).toBeCloseTo(Math.sqrt(squares.reduce((sum, square) => sum + square)), 5);
  });

  it('carry diagnostics every n steps and at the last', async () => {
    const records = await run({ diagnosticsEvery: 3 });
    expect(records.map(({ diagnostics }) => diagnostics !== undefined)).toEqual([true, false, false, true, true]);
    expect(records[0]?.diagnostics?.['featureNorm']).toBeGreaterThan(0);
  });

  it('carry the share of the time that was spent waiting for data', async () => {
    const batches = tinyBatches(1);
    const slow = async (index: number): Promise<TinyBatch> => {
      const endMs = performance.now() + 20;
      while (performance.now() < endMs);
      return batches(index);
    };
    for (const { waitMs, durationMs, waitShare } of await run({ batches: slow })) {
      expect(waitMs).toBeGreaterThanOrEqual(20);
      expect(waitShare).toBe(waitMs / durationMs);
    }
  });

  it('carry warnings at the step that shows them, and else none', async () => {
    const records = await run({ accumulationSteps: 3, batchesPerEpoch: 2 });
    expect(records.map(({ warnings }) => warnings?.map(({ kind }) => kind))).toEqual([
      ['accumulation-beyond-epoch'],
      ...Array.from({ length: 4 }, () => undefined),
    ]);
    const stuck = await run({ referenceLoss: 1e-6, numSteps: 21 });
    expect(stuck.flatMap(({ warnings }) => warnings ?? []).map(({ kind, step }) => [kind, step])).toEqual([
      ['loss-at-reference', 19],
    ]);
  });

  it('carry no diagnostics unless asked', async () => {
    expect((await run()).every((record) => !('diagnostics' in record))).toBe(true);
  });
});

describe('learning', () => {
  it('overfits one batch', async () => {
    const batches = tinyBatches(1);
    const records = await run({ batches: () => batches(0), numSteps: 300, schedule: constantRate(0.02) });
    expect(records.at(-1)?.loss).toBeLessThan(0.001 * (records[0]?.loss as number));
  });

  it('gives the same losses to the bit for the same seed, others for another', async () => {
    const first = losses(await run({ seed: 1 }));
    expect(losses(await run({ seed: 1 }))).toEqual(first);
    expect(losses(await run({ seed: 2 }))).not.toEqual(first);
  });

  it('depends on the seed of the batches and on that of the model each', async () => {
    const first = losses(await run({ seed: 1 }));
    expect(losses(await run({ seed: 1, batches: tinyBatches(2) }))).not.toEqual(first);
    expect(losses(await run({ seed: 2, batches: tinyBatches(1) }))).not.toEqual(first);
  });
});

describe('stopping', () => {
  it('ends after the step under way when the signal aborts, and the variables keep what they learned', async () => {
    const { model, optimizer, dispose } = createTinyRun(1);
    const before = model.parameters.get('encoder.weight')?.dataSync().slice();
    const controller = new AbortController();
    const steps: number[] = [];
    const batches = tinyBatches(1);
    const options = { batches, optimizer, schedule: constantRate(0.01), numSteps: 50, signal: controller.signal };
    for await (const { step } of pretrain(model, options)) {
      steps.push(step);
      if (step === 2) controller.abort();
    }
    expect(steps).toEqual([0, 1, 2]);
    expect(model.parameters.get('encoder.weight')?.dataSync()).not.toEqual(before);
    expect(optimizer.numUpdates).toBe(3);
    dispose();
  });

  it('lets timers and signals have their turn between steps', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    expect((await run({ numSteps: 10_000, signal: controller.signal })).length).toBeLessThan(5);
  });

  it('takes no step when the signal has aborted already', async () => {
    expect(await run({ signal: AbortSignal.abort() })).toEqual([]);
  });

  it('takes no step when the run is over', async () => {
    expect(await run({ firstStep: 5, numSteps: 5 })).toEqual([]);
  });
});

describe('numbers that are not finite', () => {
  it('stop the run at the first step with a word on the data', async () => {
    const batches = tinyBatches(1);
    const spoiled = async (index: number): Promise<TinyBatch> => {
      const batch = await batches(index);
      const x = tf.tidy(() => tf.mul<tf.Tensor2D>(batch.x, Number.NaN));
      batch.x.dispose();
      return { ...batch, x, dispose: () => tf.dispose([x, batch.y]) };
    };
    const stopped = run({ batches: spoiled });
    await expect(stopped).rejects.toThrow(InputError);
    await expect(stopped).rejects.toThrow(
      'pretrain: loss is NaN at step 0 (learning rate 0.01); it is the first step, so look for NaN or Infinity in the data',
    );
  });

  it('stop a run that diverges, at the step, with what to try', async () => {
    const diverging = run({ schedule: constantRate(1e30), numSteps: 50 });
    await expect(diverging).rejects.toThrow(InputError);
    await expect(diverging).rejects.toThrow(/^pretrain: .* at step [1-9]\d* \(learning rate 1e\+30\); try a lower/);
  });
});

describe('memory', () => {
  it('holds as many tensors after every step as after the first, and none after the run', async () => {
    const atStart = tf.memory().numTensors;
    const { model, optimizer, dispose } = createTinyRun(1, { maxGradientNorm: 1 });
    const counts = new Set<number>();
    const options = { batches: tinyBatches(1), optimizer, schedule: constantRate(0.01), numSteps: 6 };
    for await (const { step } of pretrain(model, { ...options, diagnosticsEvery: 2 })) {
      if (step > 0) counts.add(tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    dispose();
    expect(tf.memory().numTensors).toBe(atStart);
  });

  it('disposes the batch when the caller leaves early, and when the loss throws', async () => {
    const { model, optimizer, dispose } = createTinyRun(1);
    const options = { batches: tinyBatches(1), optimizer, schedule: constantRate(0.01), numSteps: 6 };
    const before = tf.memory().numTensors;
    for await (const _ of pretrain(model, options)) break;
    expect(tf.memory().numTensors).toBe(before);

    const right = tinyBatches(1);
    const batches = async (index: number): Promise<TinyBatch> => {
      const batch = await right(index);
      const x = tf.zeros<tf.Rank.R2>([2, 2]);
      return { ...batch, x, dispose: () => tf.dispose([batch.x, batch.y, x]) };
    };
    await expect(pretrain(model, { ...options, batches }).next()).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });
});
