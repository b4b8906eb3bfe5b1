import { comparandTitle } from '../../results/labels.ts';
import type { Results } from '../../results/schema.ts';
import { comparandPlotName, comparandPlotTitle, groupRuns, raiseFirst, type RunGroup } from '../comparands.ts';
import { linePlot } from './line-plot.ts';
import { describeEnds, methodSeries } from './method-series.ts';
import type { Plot, PlotGroup } from './plot.ts';
import { formatFieldName } from '../../results/format.ts';

const digits = 4;

/** What the training logs beside the loss, by step: per comparison one plot for each scalar. */
export function diagnosticsPlots(results: Pick<Results, 'runs'>): PlotGroup[] {
  return groupRuns(results).flatMap((group) => {
    const points = group.runs.flatMap(({ training }) => training?.diagnosticsCurve ?? []);
    const names = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
    const plots = names.flatMap((name) => diagnosticPlot(group, name));
    return plots.length === 0 ? [] : [{ heading: comparandTitle(group), plots }];
  });
}

function diagnosticPlot(group: RunGroup, name: string): Plot[] {
  const series = methodSeries(group.runs, ({ training }) =>
    (training?.diagnosticsCurve ?? []).flatMap(({ step, values }) =>
      values[name] === undefined ? [] : [{ x: step, y: values[name] }],
    ),
  );
  if (series.length === 0) return [];
  const yTitle = formatFieldName(name);
  const caption = raiseFirst(yTitle);
  return [
    linePlot({
      name: comparandPlotName(`diagnostic-${name}`, group),
      title: comparandPlotTitle(caption, group),
      caption,
      description: `${caption} by step. ${comparandTitle(group)}. ${describeEnds(series, digits)}`,
      xTitle: 'step',
      yTitle,
      series,
      digits,
      height: 170,
    }),
  ];
}
