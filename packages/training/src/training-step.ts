import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer.ts';
import type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';

/** Gradients by the path of their parameter; those that no loss reaches are missing. */
type Gradients = Readonly<Record<string, tf.Tensor>>;

/** One batch of the several, or the one, that an update is made from. */
interface BatchTask<B extends Batch> {
  readonly batch: B;
  /** Number of the batch in the run: what random layers draw by. */
  readonly index: number;
  /** Its weight in the update: 1 over the batches of one. */
  readonly share: number;
  /** Gradients of the update's earlier batches, weighted. */
  readonly carried: Gradients;
}

/** What the batches before the last of an update add up to, weighted. */
interface Gathered {
  readonly gradients: Gradients;
  readonly loss: number;
  readonly numItems: number;
  /** Spent on waiting for them. */
  readonly waitMs: number;
}

interface GatherOptions<B extends Batch> {
  readonly batches: BatchSource<B>;
  /** The first of the batches, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly share: number;
  /** Ends it after the batch under way. */
  readonly signal: AbortSignal | undefined;
}

/** Sums the gradients of some batches, each read before the next is asked for. The caller disposes the gradients. */
export async function gatherGradients<B extends Batch>(
  model: PretrainingModel<B>,
  { batches, from, to, share, signal }: GatherOptions<B>,
): Promise<Gathered> {
  let gradients: Gradients = {};
  let [loss, numItems, waitMs] = [0, 0, 0];
  try {
    for (let index = from; index < to; index++) {
      if (signal?.aborted) break;
      const askedMs = performance.now();
      const batch = await batches(index);
      try {
        waitMs += performance.now() - askedMs;
        const added = tf.tidy(() => differentiate(model, { batch, index, share, carried: gradients }));
        // Reading the loss has a lazy backend compute this batch before the next one is recorded.
        const [value] = await added.loss.data<'float32'>();
        added.loss.dispose();
        disposeGradients(gradients);
        gradients = added.gradients;
        loss += share * (value as number);
        numItems += batch.numItems;
      } finally {
        batch.dispose();
      }
      await setImmediate();
    }
  } catch (error) {
    disposeGradients(gradients);
    throw error;
  }
  return { gradients, loss, numItems, waitMs };
}

/** Disposes gradients; those that are disposed already are left alone. */
export function disposeGradients(gradients: Gradients): void {
  for (const gradient of Object.values(gradients)) gradient.dispose();
}

/**
 * One update of the variables by the batch's gradients and the carried ones. Loss and norm are read together: a lazy
 * backend then runs all of it as one graph.
 */
export async function takeStep<B extends Batch>(
  model: PretrainingModel<B>,
  task: BatchTask<B>,
  learningRate: number,
  optimizer: Optimizer,
): Promise<{ loss: number; gradientNorm: number }> {
  const summary = tf.tidy(() => {
    const { loss, gradients } = differentiate(model, task);
    // A tensor, not a number: the rate changes at every step and must not be compiled into the graph.
    const gradientNorm = optimizer.step(new Map(Object.entries(gradients)), tf.scalar(learningRate));
    return tf.stack([loss, gradientNorm]);
  });
  const [loss, gradientNorm] = await summary.data<'float32'>();
  summary.dispose();
  return { loss: loss as number, gradientNorm: gradientNorm as number };
}

function differentiate<B extends Batch>(
  model: PretrainingModel<B>,
  { batch, index, share, carried }: BatchTask<B>,
): { loss: tf.Scalar; gradients: Gradients } {
  const variables = [...model.parameters.values()];
  const { value, grads } = tf.variableGrads(() => model.loss(batch, { training: true, step: index }), variables);
  const gradients: Record<string, tf.Tensor> = {};
  for (const [path, variable] of model.parameters) {
    const gradient = grads[variable.name];
    const before = carried[path];
    const weighted = gradient === undefined || share === 1 ? gradient : tf.mul(gradient, share);
    if (weighted === undefined) {
      // A copy of its own, since the carried ones are disposed.
      if (before !== undefined) gradients[path] = before.clone();
    } else gradients[path] = before === undefined ? weighted : tf.add(before, weighted);
  }
  return { loss: value, gradients };
}
