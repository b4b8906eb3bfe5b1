import { InputError } from '@qb-heat/core';
import { makeBatch, planTraining } from './image-batches.ts';
import type { BatchPlan, ImageBatches, TrainingBatchesOptions } from './image-batches.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
import { PixelWorker } from './pixel-worker.ts';

export interface PrefetchedBatchesOptions extends TrainingBatchesOptions {
  /** Batches that are prepared ahead of the one asked for. Default 2. */
  readonly numAhead?: number;
}

/** Batches that a thread of their own prepares; whoever is done with them closes them. */
export interface PrefetchedBatches extends ImageBatches {
  /** Ends the thread. */
  close(): Promise<void>;
}

interface Prepared {
  readonly plan: BatchPlan;
  readonly pixels: Float32Array;
}

/**
 * The batches of `trainingBatches`, the same to the bit, prepared ahead in a worker thread, so that the model doesn't wait
 * for crops and flips. Asked for in another order than counting up, each is prepared when it is asked for.
 *
 * @throws InputError if there are fewer images than a batch holds, or an option is out of range.
 */
export function prefetchedBatches(
  split: ImageSplit,
  shape: ImageShape,
  options: PrefetchedBatchesOptions,
): PrefetchedBatches {
  const { numAhead = 2 } = options;
  if (!(Number.isInteger(numAhead) && numAhead >= 0)) {
    throw new InputError(`prefetchedBatches: numAhead must be a whole number from 0, got ${numAhead}`);
  }
  const { numBatches, planBatch } = planTraining(split, shape, options);
  const worker = new PixelWorker(split.images, shape);
  const prepared = new Map<number, Promise<Prepared>>();
  const prepare = (index: number): Promise<Prepared> => {
    const plan = planBatch(index);
    const { items, crops } = plan;
    const result = worker.prepare({ items, crops }).then((pixels) => ({ plan, pixels }));
    // One that is never asked for must not end the process when it fails; one that is asked for still throws there.
    result.catch(() => {});
    return result;
  };
  return {
    numBatches,
    source: async (index) => {
      for (const known of prepared.keys()) if (known < index || known > index + numAhead) prepared.delete(known);
      for (let next = index; next <= index + numAhead; next++) {
        if (!prepared.has(next)) prepared.set(next, prepare(next));
      }
      const asked = prepared.get(index)!;
      prepared.delete(index);
      const { plan, pixels } = await asked;
      return makeBatch(split, shape, plan, pixels);
    },
    close: () => worker.close(),
  };
}
