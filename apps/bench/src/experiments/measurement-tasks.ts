import type { Measurement } from '../results/schema.ts';
import type { OperatorsExperiment } from './description.ts';
import { runEngineExperiment } from './engine/index.ts';
import { runOperatorsExperiment } from './operators/index.ts';

/** A micro-benchmark that yields one record per thing measured. */
export interface MeasurementTask {
  readonly name: 'operators' | 'engine';
  readonly estimateMs: number;
  run(signal: AbortSignal): AsyncGenerator<Measurement, void, undefined>;
}

/** Two training steps on three backends and PyTorch, by one thread and by all; most of it is tfjs-backend-wasm. */
const engineEstimateMs = 6 * 60_000;

/** What `--only operators` measures: all of it. */
const allOperators: OperatorsExperiment = {
  gridSizes: [8, 16, 32],
  dims: [192, 512],
  numRepeats: 5,
  withTrainingStep: true,
  estimateMs: 2 * 60_000,
};

/**
 * The micro-benchmarks that are asked for: the operators where the experiments have them or they are named, measured in
 * full when alone; the engine only when it is named.
 */
export function measurementTasks(
  only: readonly string[] | null,
  operators: OperatorsExperiment | undefined,
): MeasurementTask[] {
  const isNamed = (name: string): boolean => only?.includes(name) === true;
  const isAlone = only?.length === 1;
  const tasks: MeasurementTask[] = [];
  if (isNamed('operators') || (only === null && operators !== undefined)) {
    const { estimateMs, ...options } = isAlone ? allOperators : (operators ?? allOperators);
    tasks.push({ name: 'operators', estimateMs, run: (signal) => runOperatorsExperiment({ ...options, signal }) });
  }
  if (isNamed('engine')) {
    tasks.push({ name: 'engine', estimateMs: engineEstimateMs, run: (signal) => runEngineExperiment({ signal }) });
  }
  return tasks;
}
