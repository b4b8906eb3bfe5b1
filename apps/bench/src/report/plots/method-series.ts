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
  const lines = new Map(
    groupBy(runs, ({ method }) => method).map((group) => [group[0].method, averageCurves(group.map(curveOf))]),
  );
  const labels = [...lines.keys()].filter((label) => lines.get(label)?.length !== 0);
  return assignDashes(labels.map((label) => ({ label, color: colors.get(label) ?? 'gray' }))).map(
    ({ label, color, dash }) => ({ label, color, dash, points: lines.get(label) ?? [] }),
  );
}

/** `At the right end: linear 0.5812, mask-token 0.6204.`: what a line plot shows, in words. */
export function describeEnds(series: readonly LineSeries[], digits: number): string {
  const ends = series.flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [`${label} ${last.mean.toFixed(digits)}`];
  });
  return `At the right end: ${ends.join(', ')}.`;
}
