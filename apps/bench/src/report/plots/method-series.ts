import { groupBy } from '../../results/group-by.ts';
import type { Run } from '../../results/schema.ts';
import { colorMethods } from '../theme.ts';
import type { LineSeries } from './line-plot.ts';
import { assignDashes } from './plot.ts';
import { averageCurves } from './series.ts';

/** One line per method that has the curve, over its seeds. */
export function methodSeries(
  runs: readonly Run[],
  curveOf: (run: Run) => readonly { readonly x: number; readonly y: number }[],
): LineSeries[] {
  const colors = colorMethods(runs);
  const lines = groupBy(runs, ({ method }) => method)
    .map((group) => ({ label: group[0].method, points: averageCurves(group.map(curveOf)) }))
    .filter(({ points }) => points.length > 0)
    .map((line) => ({ ...line, color: colors.get(line.label) ?? ('gray' as const) }));
  return assignDashes(lines).map((entry, index) => ({ ...entry, points: lines[index]?.points ?? [] }));
}

/** `At the end: linear 0.5812, mask-token 0.6204.`: what a line plot shows, in words. */
export function describeEnds(series: readonly LineSeries[], digits: number): string {
  const ends = series.flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [`${label} ${last.mean.toFixed(digits)}`];
  });
  return `At the right end: ${ends.join(', ')}.`;
}
