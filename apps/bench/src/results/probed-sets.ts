import { groupBy } from './group-by.ts';
import { splitMetric } from './labels.ts';

export interface MetricsOfSet {
  /** The probed data set; null where it is the pre-training one, or the metric is no probe's. */
  readonly set: string | null;
  readonly metrics: readonly string[];
}

/** Splits metrics such as `knn` and `knn@trec` by the data set that they are measured on. */
export function splitBySet(metrics: readonly string[]): MetricsOfSet[] {
  return groupBy(metrics, (metric) => splitMetric(metric)[1] ?? '').map((group) => ({
    set: splitMetric(group[0])[1],
    metrics: group,
  }));
}
