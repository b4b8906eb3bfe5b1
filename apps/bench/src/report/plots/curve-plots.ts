import { formatFieldName } from '../../results/format.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Results } from '../../results/schema.ts';
import { comparandPlotName, comparandPlotTitle, groupRuns, raiseFirst, type RunGroup } from '../comparands.ts';
import { linePlot } from './line-plot.ts';
import { describeEnds, methodSeries } from './method-series.ts';
import type { Plot, PlotGroup } from './plot.ts';

interface CurveLabel {
  readonly caption: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly digits: number;
}

const distance = 'places from the nearest visible one';

const curveLabels: Readonly<Record<string, CurveLabel>> = {
  lossByDistance: { caption: 'Held-out loss by distance', xTitle: distance, yTitle: 'held-out loss', digits: 4 },
  accuracyByDistance: {
    caption: 'Masked accuracy by distance',
    xTitle: distance,
    yTitle: 'share of tokens predicted',
    digits: 3,
  },
};

/** Shown by `predictabilityPlots`. */
const predictabilityCurves = new Set(['r2Linear', 'r2Copy']);

/** The error by distance and whatever other curves the runs have: one group for each, one plot per comparison. */
export function curvePlots(results: Pick<Results, 'runs'>): PlotGroup[] {
  const names = [...new Set(results.runs.flatMap(({ curves }) => Object.keys(curves)))];
  const groups = groupRuns(results);
  return names
    .filter((name) => !predictabilityCurves.has(name))
    .map((name) => ({
      heading: labelOf(name).caption,
      plots: groups.flatMap((group) => curvePlot(group, name)),
    }))
    .filter(({ plots }) => plots.length > 0);
}

function labelOf(name: string): CurveLabel {
  const title = formatFieldName(name);
  return curveLabels[name] ?? { caption: raiseFirst(title), xTitle: 'x', yTitle: title, digits: 3 };
}

function curvePlot(group: RunGroup, name: string): Plot[] {
  const { caption, xTitle, yTitle, digits } = labelOf(name);
  const series = methodSeries(group.runs, ({ curves }) => curves[name] ?? []);
  if (series.length === 0) return [];
  return [
    linePlot({
      name: comparandPlotName(name, group),
      title: comparandPlotTitle(caption, group),
      caption: comparandTitle(group),
      description: `${caption}. ${comparandTitle(group)}. ${describeEnds(series, digits)}`,
      xTitle,
      yTitle,
      series,
      digits,
      hasPoints: true,
    }),
  ];
}
