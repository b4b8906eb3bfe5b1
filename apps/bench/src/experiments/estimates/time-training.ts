import { AdamW, constantRate, pretrain, type Batch, type BatchSource, type PretrainingModel } from '@qb-heat/training';
import type { Trial } from '../protocol/pretrain-trial.ts';
import type { OptimizationSettings } from '../description.ts';

/** Training steps that are run for the estimate; the first ones compile and warm up. */
const numTimedSteps = 4;

/** A forward pass is a third of a step. */
const evaluationShare = 1 / 3;

/** Before, after, and by distance. */
const numEvaluations = 3;

/** How long a training step takes, from a few that change the model a little; milliseconds. */
export async function timeStep<B extends Batch>(
  model: PretrainingModel<B>,
  batches: BatchSource<B>,
  signal: AbortSignal,
): Promise<number> {
  const optimizer = new AdamW(model.parameters);
  const durationsMs: number[] = [];
  try {
    const options = { batches, optimizer, schedule: constantRate(1e-6), numSteps: numTimedSteps, signal };
    for await (const { durationMs } of pretrain(model, options)) durationsMs.push(durationMs);
  } finally {
    optimizer.dispose();
  }
  signal.throwIfAborted();
  return Math.min(...durationsMs);
}

/** How long pre-training will take, with the held-out losses before and after it; milliseconds. */
export async function estimatePretraining<B extends Batch>(
  { model, trainingBatches, heldOut, optimization }: Trial<B> & { readonly optimization: OptimizationSettings },
  signal: AbortSignal,
): Promise<number> {
  const stepMs = await timeStep(model, trainingBatches, signal);
  return stepMs * (optimization.numSteps + numEvaluations * evaluationShare * heldOut.numBatches);
}
