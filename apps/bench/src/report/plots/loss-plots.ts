import { comparandTitle } from '../../results/labels.ts';
import type { Results } from '../../results/schema.ts';
import { comparandPlotName, groupRuns, type RunGroup } from '../comparands.ts';
import { linePlot } from './line-plot.ts';
import { describeEnds, methodSeries } from './method-series.ts';
import type { Plot } from './plot.ts';

/** The first steps start far above what is of interest. */
const limitOverReference = 1.1;

const digits = 4;

/** The training loss by step, one plot per comparison, one line per method. */
export function lossPlots(results: Pick<Results, 'runs'>): Plot[] {
  return groupRuns(results).flatMap(lossPlot);
}

function lossPlot(group: RunGroup): Plot[] {
  const series = methodSeries(group.runs, ({ training }) =>
    (training?.lossCurve ?? []).map(({ step, loss }) => ({ x: step, y: loss })),
  );
  if (series.length === 0) return [];
  const reference = group.runs.find(({ training }) => training !== null)?.training?.referenceLoss;
  const highest = Math.max(...series.flatMap(({ points }) => points.map(({ high }) => high)));
  const caption = comparandTitle(group);
  return [
    linePlot({
      name: comparandPlotName('loss', group),
      title: `Training loss. ${caption}`,
      caption,
      description: `Training loss by step. ${caption}. ${describeEnds(series, digits)}`,
      xTitle: 'step',
      yTitle: 'training loss',
      series,
      digits,
      ...(reference !== undefined && {
        reference: { y: reference, label: 'knowing nothing of the input' },
        yLimits: { high: Math.min(highest, limitOverReference * reference) },
      }),
    }),
  ];
}
