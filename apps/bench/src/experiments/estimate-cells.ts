import { AdamW, constantRate, knnProbe, linearProbe, pretrain, type Batch } from '@qb-heat/training';
import type { Cell } from './cell.ts';
import { majorityControl, untrainedControl } from './list-cells.ts';
import type { BuiltCell, Modality } from './modality.ts';

/** Training steps that are run for the estimate; the first ones compile and warm up. */
const numTimedSteps = 4;

/** A forward pass is a third of a step. */
const evaluationShare = 1 / 3;

/**
 * How long cells will take, from a few training steps, one encoding and one round of the probes that are run and timed
 * here. It is as good as these few are like the many that follow.
 */
export async function estimateCells<B extends Batch>(
  modality: Modality<B>,
  cells: readonly Cell[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Cell, number>> {
  const example = cells.find(isTrained) ?? cells.find((cell) => cell.method === untrainedControl);
  if (example === undefined) return new Map(cells.map((cell) => [cell, 0]));
  const built = modality.build(example);
  try {
    const pretrainMs = isTrained(example) ? await estimatePretraining(modality, built, signal) : 0;
    const probeMs = modality.data.classes.length > 1 ? await estimateProbes(modality, built, signal) : 0;
    return new Map(
      cells.map((cell) => {
        if (cell.method === majorityControl) return [cell, 0];
        return [cell, isTrained(cell) ? pretrainMs + probeMs : probeMs];
      }),
    );
  } catch (error) {
    // Interrupted while timing: nothing will run, so nothing is estimated.
    if (signal.aborted) return new Map();
    throw error;
  } finally {
    built.dispose();
  }
}

function isTrained(cell: Cell): boolean {
  return cell.role !== 'control';
}

async function estimatePretraining<B extends Batch>(
  { optimization }: Modality<B>,
  { model, trainingBatches, heldOut }: BuiltCell<B>,
  signal: AbortSignal,
): Promise<number> {
  const optimizer = new AdamW(model.parameters);
  const durationsMs: number[] = [];
  try {
    const schedule = constantRate(1e-6);
    const options = { batches: trainingBatches, optimizer, schedule, numSteps: numTimedSteps, signal };
    for await (const { durationMs } of pretrain(model, options)) durationsMs.push(durationMs);
  } finally {
    optimizer.dispose();
  }
  const stepMs = Math.min(...durationsMs);
  const numEvaluations = 2; // Before and after.
  return stepMs * (optimization.numSteps + numEvaluations * evaluationShare * heldOut.numBatches);
}

async function estimateProbes<B extends Batch>(
  { probes, data }: Modality<B>,
  built: BuiltCell<B>,
  signal: AbortSignal,
): Promise<number> {
  let test = await built.encode('test', signal);
  const encodeMs = await time(async () => {
    test = await built.encode('test', signal);
  });
  const knn = () => knnProbe(test, test, { k: probes.numNeighbors, signal });
  const linear = () => linearProbe(test, test, { seed: 0, signal });
  await knn();
  await linear();
  const [knnMs, linearMs] = [await time(knn), await time(linear)];
  const trainShare = data.numTrain / data.numTest;
  return encodeMs * (1 + trainShare) + (knnMs + linearMs) * trainShare;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
