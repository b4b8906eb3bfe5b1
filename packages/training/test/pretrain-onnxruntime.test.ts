import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../src/backend/choose.ts';
import { pretrain } from '../src/pretrain.ts';
import { warmupCosine } from '../src/schedule.ts';
import { createTinyRun, tinyBatches } from './tiny-model.ts';

// The backend that training is meant for computes lazily, and on several threads: what holds on tfjs's own has to hold here.

beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 2 });
});

const numSteps = 30;

/** Losses and gradient norms of a run, and how many tensors there were after each step. */
async function run(seed: number): Promise<{ numbers: number[][]; tensorCounts: number[] }> {
  const { model, optimizer, dispose } = createTinyRun(seed, { maxGradientNorm: 1 });
  const options = { batches: tinyBatches(seed, 256), optimizer, numSteps };
  const schedule = warmupCosine({ peak: 0.02, numSteps, warmupSteps: 5 });
  const numbers: number[][] = [];
  const tensorCounts: number[] = [];
  for await (const { loss, gradientNorm } of pretrain(model, { ...options, schedule })) {
    numbers.push([loss, gradientNorm]);
    tensorCounts.push(tf.memory().numTensors);
  }
  dispose();
  return { numbers, tensorCounts };
}

it('gives the same losses to the bit for the same seed, others for another', async () => {
  const { numbers } = await run(1);
  expect((await run(1)).numbers).toEqual(numbers);
  expect((await run(2)).numbers).not.toEqual(numbers);
  expect(numbers.at(-1)?.[0]).toBeLessThan(0.5 * (numbers[0]?.[0] as number));
});

it('holds no more tensors after the last step than after the first, and none after the run', async () => {
  const before = tf.memory().numTensors;
  const { tensorCounts } = await run(1);
  expect(new Set(tensorCounts).size).toBe(1);
  expect(tf.memory().numTensors).toBe(before);
});

it('compiles one graph for all steps', async () => {
  const { model, optimizer, dispose } = createTinyRun(3);
  const counts = new Set<unknown>();
  const schedule = warmupCosine({ peak: 0.02, numSteps, warmupSteps: 5 });
  for await (const { step } of pretrain(model, { batches: tinyBatches(3), optimizer, schedule, numSteps })) {
    if (step > 0) counts.add((tf.memory() as { numSessions?: number }).numSessions);
  }
  expect([...counts]).toEqual([expect.any(Number)]);
  dispose();
});
