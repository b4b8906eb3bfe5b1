import { formatCount, formatDuration, formatFieldName, formatNumber } from './format.ts';
import { metricLabel, sortMetrics } from './labels.ts';
import type { DataDescription, Masking, Measurement, Run, SuiteName } from './schema.ts';

/** `text transformer-nano span linear, seed 0`: which run, in a few words. */
export function nameRun(run: {
  readonly suite: SuiteName;
  readonly encoder: string | null;
  readonly masking: Masking | null;
  readonly method: string;
  readonly seed: number;
}): string {
  const words = [run.suite, run.encoder, run.masking, run.method].filter((word) => word !== null);
  return `${words.join(' ')}, seed ${run.seed}`;
}

/** A finished run in one line. */
export function describeRun(run: Run): string {
  const metrics = sortMetrics(Object.keys(run.metrics)).map((metric) => {
    const { title, digits } = metricLabel(metric);
    return `${title} ${(run.metrics[metric] ?? Number.NaN).toFixed(digits)}`;
  });
  return `${nameRun(run)}: ${[...metrics, formatDuration(run.durations.totalMs)].join(' · ')}`;
}

/** A suite's data in one line. */
export function describeData({ suite, use, name, synthetic, numTrain, numTest, classes }: DataDescription): string {
  // A set of boxes is probed with one class too.
  const hasClasses = use.includes('probes') || classes.length > 1;
  const labels = hasClasses ? formatCount(classes.length, 'class', 'classes') : 'no classes, so no probes';
  const origin = synthetic ? 'SYNTHETIC, made by this program' : 'as given';
  return `${suite} data: ${name} (${origin}), ${formatNumber(numTrain)} train, ${formatNumber(numTest)} test, ${labels}`;
}

/** A record of a micro-benchmark in one line. */
export function describeMeasurement(measurement: Measurement, fields: readonly string[]): string {
  return fields
    .flatMap((field) => {
      const value = measurement[field] ?? null;
      if (value === null || value === '') return [];
      return typeof value === 'number' ? `${formatFieldName(field)} ${formatNumber(value)}` : String(value);
    })
    .join(' · ');
}
