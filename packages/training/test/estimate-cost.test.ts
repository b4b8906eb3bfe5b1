import { expect, test } from 'vitest';
import { estimateCost } from '../src/estimate-cost.ts';
import type { StepRecord } from '../src/pretrain.ts';

function record(step: number, durationMs: number, waitMs: number): StepRecord {
  const [numSteps, numItems] = [100, 64];
  return {
    step,
    numSteps,
    numItems,
    durationMs,
    waitMs,
    waitShare: waitMs / durationMs,
    itemsPerSecond: (1000 * numItems) / durationMs,
    loss: 1,
    learningRate: 1,
    gradientNorm: 1,
  };
}

test('the first step is left out, and the median counts', () => {
  // Steps of 100, 200 and 400 ms after one of 9 s: 64 items in 200 ms, and 96 steps to go.
  const records = [record(0, 9000, 0), record(1, 400, 10), record(2, 100, 20), record(3, 200, 5)];
  const cost = estimateCost(records, { flopsPerItem: 1e6 });
  expect(cost).toMatchObject({ itemsPerSecond: 320, msLeft: 200 * 96, waitShare: 35 / 700, flopsPerStep: 64e6 });
});

test('of a single step it makes what it can', () => {
  const cost = estimateCost([record(9, 50, 5)]);
  expect(cost).toMatchObject({ itemsPerSecond: 1280, msLeft: 50 * 90, waitShare: 0.1, flopsPerStep: undefined });
});

test('the memory is that of this process, in bytes', () => {
  const { peakMemoryBytes } = estimateCost([record(0, 1, 0)]);
  expect(peakMemoryBytes).toBeGreaterThan(0.9 * process.memoryUsage().rss);
  expect(peakMemoryBytes).toBeLessThan(64 * 2 ** 30);
});

test('no record is refused', () => {
  expect(() => estimateCost([])).toThrow('estimateCost: expected the record of at least one step, got none');
});
