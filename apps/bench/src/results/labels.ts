import type { Masking, SuiteName } from './schema.ts';

/** What is compared with what: an encoder pre-trained on one data set under one masking. */
export interface Comparand {
  readonly suite: SuiteName;
  readonly dataset: string;
  readonly encoder: string | null;
  readonly masking: Masking | null;
}

const titles: Record<SuiteName, Partial<Record<Masking, string>>> = {
  vision: { block: 'Images: one visible block', random: 'Images: random patches visible' },
  text: { span: 'Text: one visible window', random: 'Text: random tokens masked' },
  detection: {},
  sentences: {},
};

const suiteTitles: Readonly<Record<SuiteName, string>> = {
  vision: 'Images',
  text: 'Text',
  detection: 'Detection on the frozen encoder',
  sentences: 'The next sentence, among distractors',
};

/** The heading of all comparisons of a suite. */
export function suiteTitle(suite: SuiteName): string {
  return suiteTitles[suite];
}

/** The heading of a comparison. */
export function comparandTitle({ suite, dataset, encoder, masking }: Comparand): string {
  const title = (masking === null ? undefined : titles[suite][masking]) ?? suiteTitles[suite];
  return [title, dataset, ...(encoder === null ? [] : [encoder])].join(' · ');
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
  tran1: { title: 'tran-1', digits: 3, better: 'higher' },
  fineTune: { title: 'fine-tuning', digits: 3, better: 'higher' },
  ap50: { title: 'AP50', digits: 3, better: 'higher' },
  ap: { title: 'AP', digits: 3, better: 'higher' },
  recall1: { title: 'recall@1', digits: 3, better: 'higher' },
  recall5: { title: 'recall@5', digits: 3, better: 'higher' },
  recall10: { title: 'recall@10', digits: 3, better: 'higher' },
  mrr: { title: 'MRR', digits: 3, better: 'higher' },
};

/**
 * The label of a metric, with the name of the probed set behind it where the metric has one, as in `knn@trec`; a metric
 * that is not known is shown by its own name, higher being better.
 */
export function metricLabel(metric: string): MetricLabel {
  const [name, probedSet] = splitMetric(metric);
  const label = metricLabels[name] ?? { title: name, digits: 3, better: 'higher' };
  return probedSet === null ? label : { ...label, title: `${label.title} on ${probedSet}` };
}

/** `knn@trec` as `knn` and `trec`; null where a metric names no set. */
export function splitMetric(metric: string): [name: string, probedSet: string | null] {
  const at = metric.indexOf('@');
  return at === -1 ? [metric, null] : [metric.slice(0, at), metric.slice(at + 1)];
}

/** Known metrics first and in their order, then the others by name. */
export function sortMetrics(metrics: Iterable<string>): string[] {
  const order = Object.keys(metricLabels);
  const rank = (metric: string): number => {
    const place = order.indexOf(splitMetric(metric)[0]);
    return place === -1 ? order.length : place;
  };
  return [...new Set(metrics)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
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
