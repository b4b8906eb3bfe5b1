import type { Json } from '../results/content-hash.ts';
import type { Masking } from '../results/schema.ts';
import type { CellPlace } from './cell.ts';
import type { EncoderDescription, Method, OptimizationSettings, ProbeSettings } from './description.ts';

/** What the experiments with images and with text have in common; their masks differ. */
export interface ComparedExperiment<M extends Json> {
  readonly encoders: Readonly<Record<string, EncoderDescription>>;
  readonly optimization: OptimizationSettings;
  readonly maxHeldOutBatches: number;
  readonly comparisons: Readonly<Partial<Record<Masking, MaskedComparison<M> | undefined>>>;
  readonly probes: ProbeSettings;
}

/** A masking with the methods that are compared under it. */
interface MaskedComparison<M extends Json> {
  readonly mask: M;
  readonly baselines: readonly Method[];
  readonly methods: readonly Method[];
  /** Labels of the encoders that take part; all that can where they are not named. */
  readonly encoders?: readonly string[] | undefined;
}

/** What determines a cell of images as of text; `T` is what else determines its training. */
export type SharedSettings<M extends Json, T = unknown> = {
  readonly probes: ProbeSettings;
  /** Null for a control without one. */
  readonly encoder: EncoderDescription['options'] | null;
  /** Null for a control without pre-training. */
  readonly training: (TrainingSettings<M> & T) | null;
};

type TrainingSettings<M extends Json> = {
  readonly method: Method;
  readonly mask: M;
  readonly optimization: OptimizationSettings;
  readonly maxHeldOutBatches: number;
};

/** What an experiment says of a place. */
export function shareSettings<M extends Json>(
  { encoders, optimization, maxHeldOutBatches, comparisons, probes }: ComparedExperiment<M>,
  { encoder, masking, method }: CellPlace,
): SharedSettings<M> {
  const described = encoder === null ? undefined : encoders[encoder];
  const mask = masking === null ? undefined : comparisons[masking]?.mask;
  const own = { method, optimization: mergeOptimization(optimization, described), maxHeldOutBatches };
  return {
    probes: described === undefined ? { knn: probes.knn, linear: probes.linear } : probes,
    encoder: described?.options ?? null,
    training: mask === undefined ? null : { ...own, mask },
  };
}

/** What of a cell's settings determines the weights of its encoder: nothing of what is measured afterwards. */
export function pretrainingOf<S extends SharedSettings<Json, object>>(settings: S) {
  const { probes: _probes, training, ...others } = settings;
  if (training === null) return { ...others, training };
  const { maxHeldOutBatches: _measured, ...own } = training;
  return { ...others, training: own };
}

/** A suite's settings, with what an encoder sets otherwise. */
function mergeOptimization(
  settings: OptimizationSettings,
  encoder: EncoderDescription | undefined,
): OptimizationSettings {
  const own = Object.entries(encoder?.optimization ?? {}).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(own) };
}
