import { InputError } from '@qb-heat/core';

/** The learning rate of each optimiser step, from 0. */
export type Schedule = (step: number) => number;

export interface WarmupCosineOptions {
  /** The highest learning rate, reached when the warm-up ends. */
  readonly peak: number;
  /** Steps of the whole run, warm-up included. */
  readonly numSteps: number;
  /** Steps of the linear rise; 0 starts at the peak. */
  readonly warmupSteps: number;
  /** What the cosine would reach at step `numSteps`, the first step not taken. Default 0. */
  readonly final?: number;
}

/**
 * Linear warm-up, then half a cosine down (Loshchilov and Hutter 2017, without restarts):
 *
 *     step < w:  peak · (step + 1) / w
 *     else:      final + (peak − final) · (1 + cos(π (step − w) / (numSteps − w))) / 2
 *
 * with w = `warmupSteps`. The first step already learns, and step w − 1 and step w both run at the peak. Steps past
 * the end stay at `final`. Throws an `InputError` when the warm-up does not fit into the run.
 */
export function warmupCosine({ peak, numSteps, warmupSteps, final = 0 }: WarmupCosineOptions): Schedule {
  if (!(peak > 0) || !(final >= 0) || final > peak) {
    throw new InputError(`warmupCosine: rates must satisfy 0 <= final <= peak and peak > 0, got ${final} and ${peak}`);
  }
  if (!(warmupSteps >= 0) || !(warmupSteps < numSteps)) {
    throw new InputError(`warmupCosine: warm-up must be shorter than the run, got ${warmupSteps} of ${numSteps} steps`);
  }
  return (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / (numSteps - warmupSteps));
    return final + ((peak - final) * (1 + Math.cos(Math.PI * progress))) / 2;
  };
}

/** The same learning rate at every step. */
export function constantRate(learningRate: number): Schedule {
  return () => learningRate;
}
