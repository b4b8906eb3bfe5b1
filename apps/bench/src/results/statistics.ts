import tQuantile from '@stdlib/stats-base-dists-t-quantile';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What intervals over seeds are about, and what they are not, said wherever they are shown. */
export const seedsRemark =
  'A seed draws the initial weights, the order of the data, the masks and the augmentation; pictures and texts stay the same, so an interval says how much training varies, not what other data would give.';

export interface SampleSummary {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n − 1); null for one value. */
  readonly standardDeviation: number | null;
  /** 95 % t-interval of the mean; null for one value, and for values that do not differ. */
  readonly interval: Interval | null;
}

/** Intervals narrower than this, times the mean where that is above 1, are rounding. */
const roundingError = 1e-9;

/**
 * Mean, spread and 95 % t-interval: mean ± t₀.₉₇₅(n − 1) · s / √n. Values that do not differ have no interval: accuracies go
 * by steps of one sample, so that a few seeds may well agree by chance, which is no certainty.
 *
 * @param values at least one, independent, such as one per seed.
 */
export function summarizeSample(values: readonly number[]): SampleSummary {
  const n = values.length;
  if (n === 0) throw new Error('summarizeSample: needs at least one value');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { n, mean, standardDeviation: null, interval: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const standardDeviation = Math.sqrt(variance);
  const half = tQuantile(0.975, n - 1) * (standardDeviation / Math.sqrt(n));
  const isRounding = half <= roundingError * Math.max(1, Math.abs(mean));
  return { n, mean, standardDeviation, interval: isRounding ? null : { low: mean - half, high: mean + half } };
}

/** Why none of these differences has an interval, as a clause. */
export function explainNoInterval(differences: readonly Pick<SampleSummary, 'n'>[]): string {
  const numSingle = differences.filter(({ n }) => n === 1).length;
  if (numSingle === differences.length) return 'one seed gives no interval';
  const isAny = numSingle === 0 ? '' : 'there is one seed, or ';
  return `${isAny}the difference is equal in all seeds, so that there is no spread to judge by`;
}

/** The value in the middle, or the mean of the two there. Throws on none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error('median: there must be at least one value, got none');
  return (low + high) / 2;
}
