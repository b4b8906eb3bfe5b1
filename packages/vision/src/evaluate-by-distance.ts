import { setImmediate } from 'node:timers/promises';
import type { EvaluateOptions } from '@qb-heat/training';
import type { ImageBatch } from './data/image-batches.ts';
import type { DistanceLoss, MaskedImageModel } from './masked-image-model.ts';

/**
 * The model's loss on held-out batches by the distance of a patch from the nearest visible one, nearest first, with
 * nothing updated and stochastic depth off. Empty when no batch was seen.
 */
export async function evaluateByDistance(
  model: MaskedImageModel,
  { batches, numBatches, signal }: EvaluateOptions<ImageBatch>,
): Promise<DistanceLoss[]> {
  const seen: DistanceLoss[] = [];
  for (let index = 0; index < numBatches; index++) {
    await setImmediate();
    if (signal?.aborted) break;
    const batch = await batches(index);
    try {
      seen.push(...(await model.lossByDistance(batch)));
    } finally {
      batch.dispose();
    }
  }
  const distances = [...new Set(seen.map(({ distance }) => distance))].toSorted((a, b) => a - b);
  return distances.map((distance) => mergeLosses(seen.filter((part) => part.distance === distance)));
}

/** Means over all patches of parts of one distance. */
function mergeLosses(parts: readonly DistanceLoss[]): DistanceLoss {
  const numPatches = parts.reduce((sum, part) => sum + part.numPatches, 0);
  const meanOf = (name: 'loss' | 'referenceLoss') =>
    parts.reduce((sum, part) => sum + part[name] * part.numPatches, 0) / numPatches;
  return { distance: parts[0]!.distance, loss: meanOf('loss'), referenceLoss: meanOf('referenceLoss'), numPatches };
}
