import { InputError } from '@qb-heat/core';
import {
  AdamW,
  evaluate,
  pretrain,
  warmupCosine,
  type Batch,
  type BatchSource,
  type PretrainingModel,
} from '@qb-heat/training';
import type { Training } from '../../results/schema.ts';
import { median } from '../../results/statistics.ts';
import type { CellProgress } from '../cell.ts';
import type { OptimizationSettings } from '../description.ts';
import { thinCurve } from './thin-curve.ts';

/** A model with the batches that it learns from and those that it is scored on. */
export interface Trial<B extends Batch> {
  readonly model: PretrainingModel<B>;
  readonly trainingBatches: BatchSource<B>;
  /** Batches that go through the data once. */
  readonly batchesPerEpoch: number;
  readonly heldOut: HeldOut<B>;
  /** What is known of the cost before a step is taken. */
  readonly cost: Omit<Training['cost'], 'peakMemoryBytes' | 'waitShare'>;
  /** What the held-out loss is for a model that knows nothing of its input. */
  referenceLoss(): Promise<number>;
}

/** Batches 0 … numBatches − 1, which every run of a comparison is scored on. */
export interface HeldOut<B extends Batch> {
  readonly batches: BatchSource<B>;
  readonly numBatches: number;
}

export interface PretrainedTrial {
  readonly heldOutLoss: number;
  readonly training: Training;
}

/** Points of a stored loss curve, at most. */
const maxCurvePoints = 200;

/** Times that the diagnostics are taken, about. */
const maxDiagnosticsPoints = 20;

/** Steps between them, at least: taking them costs about as much as a step. */
const minDiagnosticsSteps = 10;

/**
 * Trains a model in place and scores it on held-out batches before and after.
 *
 * @returns undefined if the signal ended it early.
 */
export async function* pretrainTrial<B extends Batch>(
  trial: Trial<B>,
  settings: OptimizationSettings,
  signal: AbortSignal,
): AsyncGenerator<CellProgress, PretrainedTrial | undefined, undefined> {
  const { model, trainingBatches, heldOut } = trial;
  const { numSteps, batchSize, learningRate, warmupSteps, weightDecay, maxGradientNorm } = settings;
  const progress = { phase: 'held-out loss', step: 0, numSteps: 1 } as const;
  yield progress;
  const initialLoss = await evaluate(model, { ...heldOut, signal });
  const referenceLoss = await trial.referenceLoss();

  const optimizer = new AdamW(model.parameters, { weightDecay, maxGradientNorm });
  const losses: number[] = [];
  const rates: number[] = [];
  const warnings: string[] = [];
  const diagnosticsCurve: Training['diagnosticsCurve'] = [];
  let [waitMs, durationMs] = [0, 0];
  try {
    const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps });
    const diagnosticsEvery = Math.max(minDiagnosticsSteps, Math.ceil(numSteps / maxDiagnosticsPoints));
    for await (const record of pretrain(model, {
      batches: trainingBatches,
      batchesPerEpoch: trial.batchesPerEpoch,
      referenceLoss,
      optimizer,
      schedule,
      numSteps,
      diagnosticsEvery,
      signal,
    })) {
      losses.push(record.loss);
      rates.push(record.itemsPerSecond);
      const { step, loss, itemsPerSecond, diagnostics } = record;
      warnings.push(...(record.warnings ?? []).map(({ message }) => message));
      waitMs += record.waitMs;
      durationMs += record.durationMs;
      if (diagnostics !== undefined) diagnosticsCurve.push({ step, values: onlyFinite(diagnostics) });
      yield { phase: 'pre-training', step: step + 1, numSteps, loss, itemsPerSecond };
    }
  } finally {
    optimizer.dispose();
  }

  yield progress;
  const heldOutLoss = await evaluate(model, { ...heldOut, signal });
  if (signal.aborted) return undefined;
  if (!Number.isFinite(heldOutLoss)) {
    throw new InputError(`the held-out loss is ${heldOutLoss} after the last step; try a lower learning rate`);
  }
  return {
    heldOutLoss,
    training: {
      numSteps,
      batchSize,
      numParameters: [...model.parameters.values()].reduce((sum, variable) => sum + variable.size, 0),
      itemsPerSecond: median(rates),
      initialLoss,
      referenceLoss,
      lossCurve: thinCurve(losses, maxCurvePoints),
      diagnosticsCurve,
      warnings,
      cost: { ...trial.cost, peakMemoryBytes: 1024 * process.resourceUsage().maxRSS, waitShare: waitMs / durationMs },
    },
  };
}

/** JSON has no NaN or Infinity, which a diagnostic may be, such as a ratio of zero to zero at the first step. */
function onlyFinite(diagnostics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(diagnostics).filter(([, value]) => Number.isFinite(value)));
}
