import type { Measurement } from '../results/schema.ts';
import type { Preset } from './presets.ts';

/** A micro-benchmark that yields one record per thing measured. */
export interface MeasurementTask {
  readonly name: 'operators' | 'engine';
  readonly estimateMs: number;
  run(signal: AbortSignal): AsyncGenerator<Measurement, void, undefined>;
}

/** The micro-benchmarks that are asked for. */
export function measurementTasks(_only: readonly string[], _preset: Preset): MeasurementTask[] {
  return [];
}
