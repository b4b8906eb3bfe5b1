import type { Interval, SampleSummary } from './statistics.ts';

/** `0.123 ± 0.004`: a mean and half its interval; the mean alone where there is none. */
export function formatMean(mean: number, interval: Interval | null, digits: number): string {
  const spread = interval === null ? '' : ` ± ${((interval.high - interval.low) / 2).toFixed(digits)}`;
  return `${mean.toFixed(digits)}${spread}`;
}

/** A number with its sign, a true minus included. */
export function formatSigned(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

type DifferenceSpread = Pick<SampleSummary, 'n' | 'interval'>;

/** `+0.012 (+0.004 to +0.020)`: a mean difference and its interval, or why there is none. */
export function formatDifference(
  difference: DifferenceSpread & { readonly meanDifference: number },
  digits: number,
): string {
  return `${formatSigned(difference.meanDifference, digits)} (${formatDifferenceSpread(difference, digits)})`;
}

/** `+0.004 to +0.020`: the interval of a mean difference; `one seed` or `equal in all seeds` where there is none. */
export function formatDifferenceSpread({ n, interval }: DifferenceSpread, digits: number): string {
  if (interval === null) return n === 1 ? 'one seed' : 'equal in all seeds';
  return `${formatSigned(interval.low, digits)} to ${formatSigned(interval.high, digits)}`;
}

/** A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`, `4 h 10 min`. */
export function formatDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A count or a measured number in few characters: `1,234,567`, `12.3`, `0.00123`. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  // Three digits of what rounds to 1000 would be written with an exponent.
  if (Math.abs(value) >= 999.5) return Math.round(value).toLocaleString('en-US');
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** `numberOfSteps` as `number of steps`: a field's name as a heading. */
export function formatFieldName(field: string): string {
  return field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

/** `1 seed`, `3 seeds`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;
}
