import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import type { Optimizer } from './optimizer.ts';
import type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';
import type { Schedule } from './schedule.ts';
import { disposeGradients, gatherGradients, takeStep } from './training-step.ts';
import { TrainingWatch } from './training-watch.ts';
import type { TrainingWarning } from './training-watch.ts';

export interface PretrainOptions<B extends Batch> {
  /** The batch of each step, or the batches of each where gradients are accumulated. `pretrain` disposes them. */
  readonly batches: BatchSource<B>;
  /**
   * Batches that one update is made from, each weighing the same: for a batch that doesn't fit in memory. Step n takes the
   * batches n · accumulationSteps and on. Default 1.
   */
  readonly accumulationSteps?: number;
  /** Batches that go through the data once; with it, updates of more batches than that are warned of. */
  readonly batchesPerEpoch?: number | undefined;
  /**
   * What a model costs that knows nothing of its input; a loss that stays there is warned of. Without it, the
   * `referenceLoss` of the model's diagnostics is taken, if there is one.
   */
  readonly referenceLoss?: number | undefined;
  /** Made for the model's parameters; what it clips the gradients to is its own option. The caller disposes it. */
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Steps of the whole run, those before `firstStep` included. */
  readonly numSteps: number;
  /** Where to continue a run that was stopped: its number of finished steps. Default 0. */
  readonly firstStep?: number;
  /** Adds the model's diagnostics to the record of every n-th step and of the last. 0, the default, is never. */
  readonly diagnosticsEvery?: number;
  /** Ends the run after the step under way; the variables keep what they learned. */
  readonly signal?: AbortSignal | undefined;
}

/** One optimiser step that was taken. */
export interface StepRecord {
  /** From 0. */
  readonly step: number;
  readonly numSteps: number;
  /** Mean loss over the batch, before the update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Euclidean norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** Images or tokens that the update was made from. */
  readonly numItems: number;
  readonly itemsPerSecond: number;
  /** The whole step, the wait for its batch included, its diagnostics not. */
  readonly durationMs: number;
  /** How much of `durationMs` went into waiting for batches. */
  readonly waitMs: number;
  /** `waitMs` over `durationMs`: near 0 where data keep up with the model. */
  readonly waitShare: number;
  readonly diagnostics?: Readonly<Record<string, number>>;
  /** What this step shows for the first time: each kind is told once in a run. Most of it takes diagnostics to see. */
  readonly warnings?: readonly TrainingWarning[];
}

/**
 * Trains the model in place and yields a record per step: forward, gradients, update, with one read of the backend.
 *
 * Everything random comes from the batch source and the step number, so that equal inputs on the same backend give
 * equal records to the bit (times aside), also when a run is stopped and continued from `firstStep`. Stopping early is
 * the caller's choice: by the signal, or by leaving the loop that iterates over the records.
 *
 * Throws an `InputError` that names the step when the loss or a gradient is not finite; the variables are unusable then.
 */
export async function* pretrain<B extends Batch>(
  model: PretrainingModel<B>,
  options: PretrainOptions<B>,
): AsyncGenerator<StepRecord, void, undefined> {
  const { batches, numSteps, firstStep = 0, accumulationSteps = 1, diagnosticsEvery = 0, signal } = options;
  if (!(Number.isInteger(accumulationSteps) && accumulationSteps >= 1)) {
    throw new InputError(`pretrain: accumulationSteps must be a whole number from 1, got ${accumulationSteps}`);
  }
  const watch = new TrainingWatch({ ...options, accumulationSteps });
  for (let step = firstStep; step < numSteps; step++) {
    // Lets signals, timers and progress bars have their turn: a backend that computes synchronously never would.
    await setImmediate();
    if (signal?.aborted) return;

    const startMs = performance.now();
    const firstBatch = step * accumulationSteps;
    const lastBatch = firstBatch + accumulationSteps - 1;
    const share = 1 / accumulationSteps;
    const gathered = await gatherGradients(model, { batches, from: firstBatch, to: lastBatch, share, signal });
    try {
      if (signal?.aborted) return;
      const askedMs = performance.now();
      const batch = await batches(lastBatch);
      try {
        const waitMs = gathered.waitMs + performance.now() - askedMs;
        if (signal?.aborted) return;
        const learningRate = options.schedule(step);
        const task = { batch, index: lastBatch, share, carried: gathered.gradients };
        const taken = await takeStep(model, task, learningRate, options.optimizer);
        const durationMs = performance.now() - startMs;
        const loss = gathered.loss + share * taken.loss;
        requireFinite(loss, taken.gradientNorm, step, learningRate);

        const isDiagnosed = diagnosticsEvery > 0 && (step % diagnosticsEvery === 0 || step === numSteps - 1);
        const diagnostics = isDiagnosed ? await model.diagnostics(batch) : undefined;
        const warnings = watch.observe(step, loss, diagnostics);
        const numItems = gathered.numItems + batch.numItems;
        yield {
          step,
          numSteps,
          loss,
          learningRate,
          gradientNorm: taken.gradientNorm,
          numItems,
          itemsPerSecond: (1000 * numItems) / durationMs,
          durationMs,
          waitMs,
          waitShare: waitMs / durationMs,
          ...(diagnostics !== undefined && { diagnostics }),
          ...(warnings.length > 0 && { warnings }),
        };
      } finally {
        batch.dispose();
      }
    } finally {
      disposeGradients(gathered.gradients);
    }
  }
}

function requireFinite(loss: number, gradientNorm: number, step: number, learningRate: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `gradient norm is ${gradientNorm}` : `loss is ${loss}`;
  const remedy =
    step === 0
      ? 'it is the first step, so look for NaN or Infinity in the data'
      : 'try a lower learning rate, a longer warm-up or stronger gradient clipping, and look for NaN in the data';
  throw new InputError(`pretrain: ${what} at step ${step} (learning rate ${learningRate}); ${remedy}`);
}
