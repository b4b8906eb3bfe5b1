import type { Batch } from '@qb-heat/training';
import type { Json } from '../../results/content-hash.ts';
import { groupBy } from '../../results/group-by.ts';
import type { Cell } from '../cell.ts';
import type { ProbeSettings } from '../description.ts';
import type { BuiltCell, Modality } from '../protocol/modality.ts';
import { probeTasks, type ProbedSet } from '../protocol/probes.ts';
import type { EstimateContext } from '../suite.ts';
import { estimatePretraining } from './time-training.ts';

/** Training samples that the probes are timed on, a few and more: what doesn't grow with them is told apart so. */
const rehearsalSizes = [128, 512] as const;

/**
 * How long cells will take: as long as those of their kind that are finished; else, by a few training steps of each encoder
 * and masking and the probes on a few samples that are run and timed here, which is as good as these few are like the many
 * that follow.
 */
export async function estimateCells<B extends Batch, S extends Json>(
  modality: Modality<B, S>,
  cells: readonly Cell<S>[],
  { finished, signal, onTiming }: EstimateContext,
): Promise<ReadonlyMap<Cell, number>> {
  const estimates = new Map<Cell, number>();
  for (const cell of cells) {
    const { suite, dataset, encoder, masking, method, role } = cell;
    const kind = { suite, dataset, encoder, masking };
    // A control without an encoder is quick.
    const knownMs = encoder === null ? 0 : finished.medianMs('totalMs', { ...kind, method }, { ...kind, role });
    if (knownMs !== undefined) estimates.set(cell, knownMs);
  }
  const unknown = cells.filter((cell) => !estimates.has(cell));
  const probesMs = new Map<string, number>();
  for (const group of groupBy(unknown, costKey)) {
    const [example] = group;
    const encoder = String(example.encoder);
    onTiming();
    const built = modality.build(example);
    try {
      const probeMs = probesMs.get(encoder) ?? (await estimateProbes(built, modality, signal));
      probesMs.set(encoder, probeMs);
      const pretrainMs = example.role === 'control' ? 0 : await estimatePretraining(built, signal);
      for (const cell of group) estimates.set(cell, pretrainMs + probeMs);
    } finally {
      await built.dispose();
    }
  }
  return estimates;
}

/**
 * Runs each probe, for one epoch, on a few samples of the first set and on more, and draws a line through the two times to
 * all samples of all sets and all epochs.
 */
async function estimateProbes<B extends Batch, S extends Json>(
  built: BuiltCell<B>,
  { data }: Modality<B, S>,
  signal: AbortSignal,
): Promise<number> {
  const { probes } = built;
  const sets = built.probedSets();
  const numTrain = sets.reduce((sum, set) => sum + sizeOf(set, data), 0);
  const [few, more] = rehearsalSizes.map((size) => Math.min(size, Math.ceil((size / 1024) * numTrain)));
  if (few === undefined || more === undefined || few === more) return 0;
  // Once without a clock: what is run for the first time compiles.
  await timeProbes(built, few, signal);
  const [fewMs, moreMs] = [await timeProbes(built, few, signal), await timeProbes(built, more, signal)];
  let totalMs = 0;
  for (const [name, ms] of fewMs) {
    const msPerSample = Math.max(0, (moreMs.get(name) ?? ms) - ms) / (more - few);
    const numEpochs = name === 'tran1' || name === 'fineTune' ? (probes[name]?.numEpochs ?? 1) : 1;
    totalMs += Math.max(0, ms - msPerSample * few) * sets.length + msPerSample * numTrain * numEpochs;
  }
  return totalMs;
}

/** How long each probe takes on so many training samples of the first set and half as many test samples, in one epoch. */
async function timeProbes<B extends Batch>(
  built: BuiltCell<B>,
  numSamples: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { probes } = built;
  const oneEpoch: ProbeSettings = {
    ...probes,
    ...(probes.tran1 && { tran1: { ...probes.tran1, numEpochs: 1 } }),
    ...(probes.fineTune && { fineTune: { ...probes.fineTune, numEpochs: 1 } }),
  };
  const [set] = built.probedSets({ train: numSamples, test: Math.ceil(numSamples / 2) });
  const times = new Map<string, number>();
  for (const { name, run } of set === undefined ? [] : probeTasks(set, oneEpoch, { seed: 0, signal })) {
    const startMs = performance.now();
    await run();
    times.set(name, performance.now() - startMs);
  }
  return times;
}

function sizeOf(set: ProbedSet, data: Modality<Batch, Json>['data']): number {
  const described = data.find(({ name, use }) => use.includes('probes') && (set.name === null || name === set.name));
  return described?.numTrain ?? 0;
}

/** Cells of one encoder and masking cost about the same. */
function costKey({ encoder, masking }: Cell): string {
  return [encoder, masking].join(' ');
}
