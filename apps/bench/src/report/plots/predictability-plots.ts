import { groupBy } from '../../results/group-by.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Results } from '../../results/schema.ts';
import { comparandPlotName, comparandPlotTitle, groupRuns, type RunGroup } from '../comparands.ts';
import { colorMethods } from '../theme.ts';
import { comparedSuites } from './gain-plots.ts';
import { linePlot, type LineSeries } from './line-plot.ts';
import { describeEnds } from './method-series.ts';
import type { Plot, PlotGroup } from './plot.ts';
import { averageCurves } from './series.ts';

const digits = 3;

const about =
  'R²(k) is the share of the variance of held-out features that the best linear map predicts from the feature k places away (solid), or that copying it does (dashed).';

/** A worse fit than this says no more than that copying fails. */
const lowestShown = -0.3;

/** Copying is dashed, whatever the method. */
const predictors = [
  { curve: 'r2Linear', suffix: '', dash: [], isInLegend: true },
  { curve: 'r2Copy', suffix: ', copying', dash: [4, 3], isInLegend: false },
] as const;

/** R²(k): how well a linear map predicts a feature k places away, against copying it; images beside text. */
export function predictabilityPlots(results: Pick<Results, 'runs'>): PlotGroup[] {
  const groups = groupRuns(results).filter(({ suite }) => comparedSuites.some((side) => side.suite === suite));
  const plots = groups.flatMap(predictabilityPlot);
  return plots.length === 0 ? [] : [{ heading: 'Linear predictability of the features', about, plots }];
}

function predictabilityPlot(group: RunGroup): Plot[] {
  const runs = group.runs.filter(({ curves }) => curves['r2Linear'] !== undefined);
  if (!runs.some(({ role }) => role !== 'control')) return [];
  const colors = colorMethods(runs);
  const series = groupBy(runs, ({ method }) => method).flatMap((ofMethod) =>
    predictors.map(({ curve, suffix, dash, isInLegend }): LineSeries => {
      const { method } = ofMethod[0];
      const points = averageCurves(ofMethod.map(({ curves }) => curves[curve] ?? []));
      return { label: `${method}${suffix}`, color: colors.get(method) ?? 'gray', dash, isInLegend, points };
    }),
  );
  const caption = comparandTitle(group);
  const lowest = Math.min(0, ...series.flatMap(({ points }) => points.map(({ low }) => low)));
  return [
    linePlot({
      name: comparandPlotName('predictability', group),
      title: comparandPlotTitle('R² of predicting a feature k places away (dashed: copying it)', group),
      caption,
      description: `${caption}: R² of predicting a held-out feature k places away. ${describeEnds(series, digits)}`,
      xTitle: 'k, places apart',
      yTitle: 'R² on held-out features',
      series: series.filter(({ points }) => points.length > 0),
      digits,
      reference: { y: 0, label: 'predicting the mean' },
      yLimits: { low: Math.max(lowestShown, lowest) },
      hasPoints: true,
    }),
  ];
}
