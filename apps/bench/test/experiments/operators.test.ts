import { chooseBackend } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { runOperatorsExperiment } from '../../src/experiments/operators/index.ts';
import type { OperatorRecord, OperatorsExperimentOptions } from '../../src/experiments/operators/index.ts';

const tiny: OperatorsExperimentOptions = {
  gridSizes: [4],
  dims: [8],
  numRepeats: 3,
  numCells: 64,
  withTrainingStep: false,
};

async function collect(options: OperatorsExperimentOptions): Promise<OperatorRecord[]> {
  const records: OperatorRecord[] = [];
  for await (const record of runOperatorsExperiment(options)) records.push(record);
  return records;
}

beforeAll(async () => {
  await chooseBackend('onnxruntime');
});

it('times every extrapolation forward, and forward and backward', async () => {
  const records = await collect(tiny);
  expect(records.map(({ operation, pass }) => `${operation}, ${pass}`)).toEqual(
    ['stepwise', 'stepwise, both routes', 'blockwise', 'stepwise, a block per sample'].flatMap((operation) => [
      `${operation}, forward`,
      `${operation}, forward + backward`,
    ]),
  );
});

it('counts one product for each masked cell, and two more backward', async () => {
  const [forward, both] = await collect(tiny);
  // 4 samples of 12 masked cells: 2 · 48 · 8² operations.
  expect(forward!.gflop).toBeCloseTo(6_144e-9, 12);
  expect(both!.gflop).toBeCloseTo(3 * 6_144e-9, 12);
  for (const { gflop, gflops, durationMs, bareProductMs, ratioToBareProduct } of [forward!, both!]) {
    expect(gflops).toBeCloseTo(gflop! / (durationMs / 1_000), 9);
    expect(ratioToBareProduct).toBeCloseTo(durationMs / bareProductMs!, 9);
  }
});

it('says which backend was timed, and its fastest and slowest repeats', async () => {
  const [record] = await collect(tiny);
  expect(record!.backend).toBe('onnxruntime');
  expect(record!.fastestMs).toBeLessThanOrEqual(record!.durationMs);
  expect(record!.slowestMs).toBeGreaterThanOrEqual(record!.durationMs);
});

it('leaves no tensors behind', async () => {
  const before = tf.memory().numTensors;
  await collect(tiny);
  expect(tf.memory().numTensors).toBe(before);
});

it('ends after the record at hand when it is stopped', async () => {
  const controller = new AbortController();
  const records: OperatorRecord[] = [];
  for await (const record of runOperatorsExperiment({ ...tiny, signal: controller.signal })) {
    records.push(record);
    controller.abort();
  }
  expect(records).toHaveLength(1);
});
