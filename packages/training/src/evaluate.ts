import { setImmediate } from 'node:timers/promises';
import type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';
import * as tf from '@tensorflow/tfjs';

export interface EvaluateOptions<B extends Batch> {
  /** Held-out batches 0 … numBatches − 1. `evaluate` disposes them. */
  readonly batches: BatchSource<B>;
  readonly numBatches: number;
  /** Ends the evaluation after the batch under way: the mean is then over what was seen. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The model's mean loss on held-out batches, weighted by their items, with nothing updated and dropout off.
 *
 * Returns NaN when no batch was seen.
 */
export async function evaluate<B extends Batch>(
  model: PretrainingModel<B>,
  { batches, numBatches, signal }: EvaluateOptions<B>,
): Promise<number> {
  let total = 0;
  let numItems = 0;
  for (let index = 0; index < numBatches; index++) {
    await setImmediate();
    if (signal?.aborted) break;
    const batch = await batches(index);
    try {
      const loss = tf.tidy(() => model.loss(batch, { training: false, step: 0 }));
      const [value] = await loss.data();
      loss.dispose();
      total += (value as number) * batch.numItems;
      numItems += batch.numItems;
    } finally {
      batch.dispose();
    }
  }
  return total / numItems;
}
