import { knnProbe, linearProbe, type LabelledFeatures } from '@qb-heat/training';
import type { CellProgress } from '../cell.ts';
import type { ProbeSettings } from '../description.ts';

/** The parts of labelled data that probes fit and are scored on. */
export type Part = 'train' | 'test';

/** How many samples of each part are used, at most. */
export type SampleLimits = Readonly<Record<Part, number>>;

export interface ProbeContext {
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** A labelled set as an encoder is probed on it. Everything throws the signal's reason when it is aborted. */
export interface ProbedSet {
  /** Null where it is the set that the encoder was pre-trained on: its metrics need no name. */
  readonly name: string | null;
  /** One feature vector per sample. */
  features(part: Part, signal: AbortSignal): Promise<LabelledFeatures>;
  /** Test accuracy of one transformer block and a linear classifier on the frozen feature maps. */
  tran1?(settings: NonNullable<ProbeSettings['tran1']>, context: ProbeContext): Promise<number>;
  /** Test accuracy of a copy of the encoder, trained on. */
  fineTune?(settings: NonNullable<ProbeSettings['fineTune']>, context: ProbeContext): Promise<number>;
}

/** What each probe is called in the metrics, in the order in which they run. */
const probeNames = ['knn', 'linearProbe', 'tran1', 'fineTune'] as const;
type ProbeName = (typeof probeNames)[number];

/** The probes that the settings ask for and the set can give, each as a task that ends with a test accuracy. */
export function probeTasks(
  set: ProbedSet,
  settings: ProbeSettings,
  context: ProbeContext,
): { readonly name: ProbeName; readonly run: () => Promise<number> }[] {
  const { seed, signal } = context;
  const { knn, linear, tran1, fineTune } = settings;
  let features: Promise<readonly [LabelledFeatures, LabelledFeatures]> | undefined;
  const encode = async () => [await set.features('train', signal), await set.features('test', signal)] as const;
  const both = () => (features ??= encode());
  const runs: Record<ProbeName, (() => Promise<number>) | undefined> = {
    knn: knn && (async () => (await knnProbe(...(await both()), { k: knn.numNeighbors, signal })).accuracy),
    linearProbe: linear && (async () => (await linearProbe(...(await both()), { seed, signal })).accuracy),
    tran1: tran1 && set.tran1 && (() => set.tran1!(tran1, context)),
    fineTune: fineTune && set.fineTune && (() => set.fineTune!(fineTune, context)),
  };
  return probeNames.flatMap((name) => {
    const run = runs[name];
    return run === undefined ? [] : [{ name, run }];
  });
}

/** Runs every probe on every set: test accuracies from 0 to 1, by the names of the metrics. */
export async function* runProbes(
  sets: readonly ProbedSet[],
  settings: ProbeSettings,
  context: ProbeContext,
): AsyncGenerator<CellProgress, Record<string, number>, undefined> {
  const metrics: Record<string, number> = {};
  const all = sets.flatMap((set) =>
    probeTasks(set, settings, context).map(({ name, run }) => ({ metric: metricOf(name, set.name), run })),
  );
  for (const [step, { metric, run }] of all.entries()) {
    yield { phase: `probe ${metric}`, step, numSteps: all.length };
    metrics[metric] = await run();
  }
  return metrics;
}

/** `knn`, or `knn@trec` where the probed set is another than that of the pre-training. */
export function metricOf(probe: string, set: string | null): string {
  return set === null ? probe : `${probe}@${set}`;
}

/** The same accuracy under the name of each probe that needs no encoder to be trained: what a control that only guesses gets. */
export function asProbes(accuracy: number, { knn, linear }: ProbeSettings, set: string | null): Record<string, number> {
  const names = [...(knn ? ['knn'] : []), ...(linear ? ['linearProbe'] : [])];
  return Object.fromEntries(names.map((name) => [metricOf(name, set), accuracy]));
}
