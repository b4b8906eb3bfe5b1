import type { Measurement } from '../results/schema.ts';
import { runEngineExperiment } from './engine/index.ts';
import { runOperatorsExperiment } from './operators/index.ts';

/** A micro-benchmark that yields one record per thing measured. */
export interface MeasurementTask {
  readonly name: 'operators' | 'engine';
  readonly estimateMs: number;
  run(signal: AbortSignal): AsyncGenerator<Measurement, void, undefined>;
}

/** How much of the operators is timed. */
export type OperatorsSettings = {
  readonly gridSizes: readonly number[];
  readonly dims: readonly number[];
  readonly numRepeats: number;
  readonly withTrainingStep: boolean;
  /** How long that takes on two cores; other machines differ. */
  readonly estimateMs: number;
};

/** Two training steps on three backends and PyTorch, by one thread and by all; most of it is tfjs-backend-wasm. */
const engineEstimateMs = 6 * 60_000;

/** What `--only operators` measures: all of it. */
const allOperators: OperatorsSettings = {
  gridSizes: [8, 16, 32],
  dims: [192, 512],
  numRepeats: 5,
  withTrainingStep: true,
  estimateMs: 2 * 60_000,
};

/** The micro-benchmarks that are asked for; beside other experiments the operators are measured as the preset says. */
export function measurementTasks(only: readonly string[], preset: OperatorsSettings): MeasurementTask[] {
  const { estimateMs, ...options } = only.length === 1 ? allOperators : preset;
  const tasks: MeasurementTask[] = [
    { name: 'operators', estimateMs, run: (signal) => runOperatorsExperiment({ ...options, signal }) },
    { name: 'engine', estimateMs: engineEstimateMs, run: (signal) => runEngineExperiment({ signal }) },
  ];
  return tasks.filter(({ name }) => only.includes(name));
}
