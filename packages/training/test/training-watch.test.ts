import { expect, test } from 'vitest';
import { TrainingWatch } from '../src/training-watch.ts';
import type { TrainingWatchOptions } from '../src/training-watch.ts';

type Observation = { loss?: number; diagnostics?: Record<string, number> };

/** What is said at which step of a run. */
function watch(observations: readonly Observation[], options: Partial<TrainingWatchOptions> = {}): [number, string][] {
  const watcher = new TrainingWatch({ numSteps: 100, accumulationSteps: 1, ...options });
  return observations.flatMap(({ loss = 0.5, diagnostics }, step) =>
    watcher.observe(step, loss, diagnostics).map((warning): [number, string] => {
      expect(warning.step).toBe(step);
      return [step, warning.kind];
    }),
  );
}

function repeat(count: number, observation: Observation): Observation[] {
  return Array.from({ length: count }, () => observation);
}

const measured = (referenceLoss: number): Observation => ({ loss: 1, diagnostics: { referenceLoss } });
const ofRank = (effectiveRank: number): Observation => ({ diagnostics: { effectiveRank } });

test('a run that learns is left in peace', () => {
  const losses = Array.from({ length: 100 }, (_, step) => ({
    loss: 1 / (1 + step / 20),
    diagnostics: { referenceLoss: 1, effectiveRank: 40 - step / 10 },
  }));
  expect(watch(losses, { batchesPerEpoch: 10 })).toEqual([]);
});

test('features collapse below two dimensions, or to a tenth of what they had, and it is said once', () => {
  expect(watch([ofRank(40), ofRank(4.1), ofRank(3.9), ofRank(3)])).toEqual([[2, 'features-collapsed']]);
  expect(watch([ofRank(8), ofRank(2.1), ofRank(1.9)])).toEqual([[2, 'features-collapsed']]);
});

test('a loss at the reference is told once there was time to learn', () => {
  const stuck = repeat(100, { loss: 0.99 });
  expect(watch(stuck, { referenceLoss: 1 })).toEqual([[19, 'loss-at-reference']]);
  expect(watch(repeat(100, { loss: 0.97 }), { referenceLoss: 1 })).toEqual([]);
  expect(watch(stuck, { referenceLoss: 1, numSteps: 500 })).toEqual([[50, 'loss-at-reference']]);
  expect(watch(stuck)).toEqual([]);
});

test('the reference comes from the diagnostics where none is given, as their mean', () => {
  expect(watch([...repeat(10, measured(1.2)), ...repeat(9, { loss: 1 }), measured(0.8)])).toEqual([]);
  expect(watch([...repeat(5, measured(1.2)), ...repeat(14, { loss: 1 }), ...repeat(5, measured(0.8))])).toEqual([
    [23, 'loss-at-reference'],
  ]);
});

test('updates of more batches than an epoch has are told at the first step', () => {
  expect(watch(repeat(3, {}), { accumulationSteps: 11, batchesPerEpoch: 10 })).toEqual([
    [0, 'accumulation-beyond-epoch'],
  ]);
  expect(watch(repeat(3, {}), { accumulationSteps: 10, batchesPerEpoch: 10 })).toEqual([]);
});

test('a message has the numbers', () => {
  const [warning] = new TrainingWatch({ numSteps: 1, accumulationSteps: 4, batchesPerEpoch: 3 }).observe(
    0,
    1,
    undefined,
  );
  expect(warning?.message).toContain('one update is made from 4 batches, more than the 3 of an epoch');
});
