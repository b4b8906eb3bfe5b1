import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer.ts';
import type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';
import type { Schedule } from './schedule.ts';

export interface PretrainOptions<B extends Batch> {
  /** The batch of each step. `pretrain` disposes it. */
  readonly batches: BatchSource<B>;
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
  /** Images or tokens in the batch. */
  readonly numItems: number;
  readonly itemsPerSecond: number;
  /** The whole step, the wait for its batch included, its diagnostics not. */
  readonly durationMs: number;
  /** How much of `durationMs` went into waiting for the batch. */
  readonly waitMs: number;
  readonly diagnostics?: Readonly<Record<string, number>>;
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
  const { batches, numSteps, firstStep = 0, diagnosticsEvery = 0, signal } = options;
  for (let step = firstStep; step < numSteps; step++) {
    // Lets signals, timers and progress bars have their turn: a backend that computes synchronously never would.
    await setImmediate();
    if (signal?.aborted) return;

    const startMs = performance.now();
    const batch = await batches(step);
    try {
      const waitMs = performance.now() - startMs;
      if (signal?.aborted) return;
      const learningRate = options.schedule(step);
      const { loss, gradientNorm } = await takeStep(model, batch, step, learningRate, options.optimizer);
      const durationMs = performance.now() - startMs;
      requireFinite(loss, gradientNorm, step, learningRate);

      const isDiagnosed = diagnosticsEvery > 0 && (step % diagnosticsEvery === 0 || step === numSteps - 1);
      yield {
        step,
        numSteps,
        loss,
        learningRate,
        gradientNorm,
        numItems: batch.numItems,
        itemsPerSecond: (1000 * batch.numItems) / durationMs,
        durationMs,
        waitMs,
        ...(isDiagnosed && { diagnostics: await model.diagnostics(batch) }),
      };
    } finally {
      batch.dispose();
    }
  }
}

/** One update of the variables. Loss and norm are read together: a lazy backend then runs the step as one graph. */
async function takeStep<B extends Batch>(
  model: PretrainingModel<B>,
  batch: B,
  step: number,
  learningRate: number,
  optimizer: Optimizer,
): Promise<{ loss: number; gradientNorm: number }> {
  const summary = tf.tidy(() => {
    const variables = [...model.parameters.values()];
    const { value, grads } = tf.variableGrads(() => model.loss(batch, { training: true, step }), variables);
    const gradients = new Map<string, tf.Tensor>();
    for (const [path, variable] of model.parameters) {
      const gradient = grads[variable.name];
      if (gradient) gradients.set(path, gradient);
    }
    // A tensor, not a number: the rate changes at every step and must not be compiled into the graph.
    const gradientNorm = optimizer.step(gradients, tf.scalar(learningRate));
    return tf.stack([value, gradientNorm]);
  });
  const [loss, gradientNorm] = await summary.data<'float32'>();
  summary.dispose();
  return { loss: loss as number, gradientNorm: gradientNorm as number };
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
