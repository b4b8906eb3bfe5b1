import type { Batch } from '@qb-heat/training';
import type { HeldOut } from './pretrain-trial.ts';

/** The mean of a number that each held-out batch has. */
export async function meanOverBatches<B extends Batch>(
  { batches, numBatches }: HeldOut<B>,
  numberOf: (batch: B) => number | Promise<number>,
): Promise<number> {
  let total = 0;
  for (let index = 0; index < numBatches; index++) {
    const batch = await batches(index);
    try {
      total += await numberOf(batch);
    } finally {
      batch.dispose();
    }
  }
  return total / numBatches;
}
