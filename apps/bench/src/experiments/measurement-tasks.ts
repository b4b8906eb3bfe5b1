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

/** What `--only operators` measures where no file says otherwise: all of it. */
export const allOperators: OperatorsExperiment = {
  gridSizes: [8, 16, 32],
  dims: [192, 512],
  numRepeats: 5,
  withTrainingStep: true,
  estimateMs: 2 * 60_000,
};

/** The micro-benchmarks that are asked for: the operators where the experiments have them, the engine only when it is named. */
export function measurementTasks(
  only: readonly string[] | null,
  operators: OperatorsExperiment | undefined,
): MeasurementTask[] {
  const tasks: MeasurementTask[] = [];
  if (operators !== undefined) {
    const { estimateMs, ...options } = operators;
    tasks.push({ name: 'operators', estimateMs, run: (signal) => runOperatorsExperiment({ ...options, signal }) });
  }
  if (only?.includes('engine') === true) {
    tasks.push({ name: 'engine', estimateMs: engineEstimateMs, run: (signal) => runEngineExperiment({ signal }) });
  }
  return tasks;
}
