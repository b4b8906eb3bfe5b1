import { groupBy } from '../../results/group-by.ts';
import { comparandTitle, metricLabel, sortMetrics } from '../../results/labels.ts';
import type { Results, Run } from '../../results/schema.ts';
import { summarizeSample } from '../../results/statistics.ts';
import {
  comparandPlotName,
  comparandPlotTitle,
  groupRuns,
  isTaskMetric,
  metricCaption,
  type RunGroup,
} from '../comparands.ts';
import { colorMethods } from '../theme.ts';
import { barPlot, type Bar } from './bar-plot.ts';
import type { Plot, PlotGroup } from './plot.ts';
import { formatMean } from '../../results/format.ts';

/** What the features are worth: for each comparison one plot per probe, one bar per method and control. */
export function probePlots(results: Pick<Results, 'runs'>): PlotGroup[] {
  return groupRuns(results).flatMap((group) => {
    const metrics = sortMetrics(group.runs.flatMap((run) => Object.keys(run.metrics))).filter(
      (metric) => !isTaskMetric(metric),
    );
    const plots = metrics.map((metric) => probePlot(group, metric));
    return plots.length === 0 ? [] : [{ heading: comparandTitle(group), plots }];
  });
}

function probePlot(group: RunGroup, metric: string): Plot {
  const colors = colorMethods(group.runs);
  const { title, digits } = metricLabel(metric);
  const methods = groupBy(
    group.runs.filter((run) => run.metrics[metric] !== undefined),
    ({ role, method }) => `${role} ${method}`,
  );
  const bars = methods.map((runs): Bar => {
    const dots = runs.flatMap((run) => run.metrics[metric] ?? []);
    const { mean, interval } = summarizeSample(dots);
    const [short, text] = [mean.toFixed(digits), formatMean(mean, interval, digits)];
    const { method } = runs[0];
    return {
      label: method,
      color: colors.get(method) ?? 'gray',
      value: mean,
      interval,
      dots: dots.length > 1 ? dots : [],
      short,
      text,
    };
  });
  const caption = metricCaption(metric);
  const baseline = methods.findIndex(([run]) => run.role === 'baseline');
  return barPlot({
    name: comparandPlotName(`probe-${metric}`, group),
    title: comparandPlotTitle(caption, group),
    caption,
    description: `${caption}. ${comparandTitle(group)}. ${bars.map(({ label, text }) => `${label} ${text}`).join(', ')}.`,
    xTitle: title,
    bars,
    reference: baselineReference(methods[baseline]?.[0], bars[baseline]),
  });
}

function baselineReference(run: Run | undefined, bar: Bar | undefined): { x: number; label: string } | undefined {
  return run === undefined || bar === undefined ? undefined : { x: bar.value, label: run.method };
}
