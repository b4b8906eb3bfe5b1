import { AdamW, constantRate, pretrain, type Batch } from '@qb-heat/training';
import type { Json } from '../results/content-hash.ts';
import { groupBy } from '../results/group-by.ts';
import type { Cell } from './cell.ts';
import type { ProbeSettings } from './description.ts';
import type { BuiltCell, Modality } from './protocol/modality.ts';
import { probeTasks, type ProbedSet } from './protocol/probes.ts';

/** Training steps that are run for the estimate; the first ones compile and warm up. */
const numTimedSteps = 4;

/** A forward pass is a third of a step. */
const evaluationShare = 1 / 3;

/** Samples that the probes are timed on. */
const rehearsalLimits = { train: 256, test: 128 };

/**
 * How long cells will take, from a few training steps of each encoder and masking and from the probes on a few samples
 * that are run and timed here. It is as good as these few are like the many that follow.
 */
export async function estimateCells<B extends Batch, S extends Json>(
  modality: Modality<B, S>,
  cells: readonly Cell<S>[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Cell, number>> {
  const estimates = new Map<Cell, number>();
  const probesMs = new Map<string, number>();
  try {
    for (const group of groupBy(cells, costKey)) {
      const [example] = group;
      const { encoder } = example;
      if (encoder === null) continue;
      const built = modality.build(example);
      try {
        const known = probesMs.get(encoder);
        const probeMs = known ?? (await estimateProbes(built, modality, signal));
        probesMs.set(encoder, probeMs);
        const pretrainMs = example.role === 'control' ? 0 : await estimatePretraining(built, signal);
        for (const cell of group) estimates.set(cell, pretrainMs + probeMs);
      } finally {
        await built.dispose();
      }
    }
  } catch (error) {
    // Interrupted while timing: nothing will run, so nothing is estimated.
    if (signal.aborted) return new Map();
    throw error;
  }
  for (const cell of cells) if (!estimates.has(cell)) estimates.set(cell, 0);
  return estimates;
}

/** How long pre-training will take, from a few steps that change the model a little. */
export async function estimatePretraining<B extends Batch>(built: BuiltCell<B>, signal: AbortSignal): Promise<number> {
  const { model, trainingBatches, heldOut, optimization } = built;
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
  const numEvaluations = 3; // Before, after, and by distance.
  return stepMs * (optimization.numSteps + numEvaluations * evaluationShare * heldOut.numBatches);
}

/**
 * Runs each probe twice on a few samples of the first set, in one epoch, and scales the second time to all samples of all
 * sets and all epochs.
 */
async function estimateProbes<B extends Batch, S extends Json>(
  built: BuiltCell<B>,
  { data }: Modality<B, S>,
  signal: AbortSignal,
): Promise<number> {
  const { probes } = built;
  const oneEpoch: ProbeSettings = {
    ...probes,
    ...(probes.tran1 && { tran1: { ...probes.tran1, numEpochs: 1 } }),
    ...(probes.fineTune && { fineTune: { ...probes.fineTune, numEpochs: 1 } }),
  };
  const sets = built.probedSets(rehearsalLimits);
  const [first] = sets;
  if (first === undefined) return 0;
  const numTrain = sets.reduce((sum, set) => sum + sizeOf(set, data), 0);
  const share = Math.max(sets.length, numTrain / rehearsalLimits.train);
  const context = { seed: 0, signal };
  for (const { run } of probeTasks(first, oneEpoch, context)) await run();
  let totalMs = 0;
  for (const { name, run } of probeTasks(first, oneEpoch, context)) {
    const startMs = performance.now();
    await run();
    const numEpochs = name === 'tran1' || name === 'fineTune' ? (probes[name]?.numEpochs ?? 1) : 1;
    totalMs += (performance.now() - startMs) * share * numEpochs;
  }
  return totalMs;
}

function sizeOf(set: ProbedSet, data: Modality<Batch, Json>['data']): number {
  const described = data.find(({ name, use }) => use.includes('probes') && (set.name === null || name === set.name));
  return described?.numTrain ?? 0;
}

/** Cells of one encoder and masking cost about the same. */
function costKey({ encoder, masking }: Cell): string {
  return [encoder, masking].join(' ');
}
