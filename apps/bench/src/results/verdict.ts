import { metricLabel } from './labels.ts';
import type { Comparison } from './schema.ts';

/** What the interval of a difference allows to say: `open` where it contains zero, or there is none: of one seed, or of equal ones. */
export type Verdict = 'better' | 'worse' | 'open';

export function verdictOf({ metric, interval }: Comparison): Verdict {
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return 'open';
  const isHigher = interval.low > 0;
  return isHigher === (metricLabel(metric).better === 'higher') ? 'better' : 'worse';
}
