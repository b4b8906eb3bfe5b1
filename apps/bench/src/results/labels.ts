import type { Masking, SuiteName } from './schema.ts';

/** What is compared with what: a suite under one masking. */
export interface Comparand {
  readonly suite: SuiteName;
  readonly masking: Masking | null;
}

const titles: Record<SuiteName, Partial<Record<Masking, string>>> = {
  vision: { block: 'Images: one visible block, a quarter of the area', random: 'Images: random patches visible' },
  text: { span: 'Text: one visible window', random: 'Text: random tokens masked' },
};

/** The heading of a comparison. */
export function comparandTitle({ suite, masking }: Comparand): string {
  const title = masking === null ? undefined : titles[suite][masking];
  return title ?? `${suite}${masking === null ? '' : `, ${masking}`}`;
}

/** How a metric is shown: its name, its digits, and which way is better. */
export interface MetricLabel {
  readonly title: string;
  readonly digits: number;
  readonly better: 'lower' | 'higher';
}

const metricLabels: Record<string, MetricLabel> = {
  heldOutLoss: { title: 'held-out loss', digits: 4, better: 'lower' },
  maskedAccuracy: { title: 'masked accuracy', digits: 3, better: 'higher' },
  knn: { title: 'kNN', digits: 3, better: 'higher' },
  linearProbe: { title: 'linear probe', digits: 3, better: 'higher' },
};

/** The label of a metric; one that is not known is shown by its own name, higher being better. */
export function metricLabel(metric: string): MetricLabel {
  return metricLabels[metric] ?? { title: metric, digits: 3, better: 'higher' };
}

/** Known metrics first and in their order, then the others by name. */
export function sortMetrics(metrics: Iterable<string>): string[] {
  const order = Object.keys(metricLabels);
  const rank = (metric: string): number => (order.includes(metric) ? order.indexOf(metric) : order.length);
  return [...new Set(metrics)].toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Fields of the micro-benchmarks that are shown; `results.json` has them all. */
export const shownFields = {
  operators: ['operation', 'pass', 'grid', 'dim', 'durationMs', 'gflops', 'ratioToBareProduct', 'shareOfTrainingStep'],
  engine: [
    'workload',
    'engine',
    'threads',
    'imagesPerSecond',
    'peakShare',
    'javascriptMs',
    'firstStepExtraMs',
    'peakRssMiB',
    'unavailable',
  ],
} as const;
