import { InputError } from '@qb-heat/core';
import type { StepRecord } from './pretrain.ts';

/** What a run costs, told by its first steps. */
export interface TrainingCost {
  /** Items, such as images, in a second, by the median step. */
  readonly itemsPerSecond: number;
  /** Until the last step, at that rate. */
  readonly msLeft: number;
  /** Share of the steps' time that was spent waiting for batches. */
  readonly waitShare: number;
  /** The most memory that this process has held so far; a graphics card's own is not in it. */
  readonly peakMemoryBytes: number;
  /** Floating-point operations of one step, where those of an item are known. */
  readonly flopsPerStep: number | undefined;
}

/**
 * Estimates a run's cost from the records of its first steps; five are enough. Of two or more the first is left out,
 * since it compiles and allocates.
 *
 * @param flopsPerItem forward and backward, such as the `trainingFlops` of an image.
 * @throws InputError if there is no record.
 */
export function estimateCost(
  records: readonly StepRecord[],
  { flopsPerItem }: { readonly flopsPerItem?: number } = {},
): TrainingCost {
  const last = records.at(-1);
  if (last === undefined) throw new InputError('estimateCost: expected the record of at least one step, got none');
  const steady = records.length > 1 ? records.slice(1) : records;
  const stepMs = median(steady.map(({ durationMs }) => durationMs));
  const total = (name: 'waitMs' | 'durationMs') => steady.reduce((sum, record) => sum + record[name], 0);
  return {
    itemsPerSecond: (1000 * last.numItems) / stepMs,
    msLeft: stepMs * (last.numSteps - last.step - 1),
    waitShare: total('waitMs') / total('durationMs'),
    peakMemoryBytes: 1024 * process.resourceUsage().maxRSS,
    flopsPerStep: flopsPerItem === undefined ? undefined : flopsPerItem * last.numItems,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
