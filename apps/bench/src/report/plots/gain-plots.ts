import { formatDifference } from '../../results/format.ts';
import { groupBy } from '../../results/group-by.ts';
import { metricLabel, sortMetrics, splitMetric } from '../../results/labels.ts';
import { maskToken } from '../../results/method-names.ts';
import type { Comparison, Results, SuiteName } from '../../results/schema.ts';
import { metricCaption } from '../comparands.ts';
import { colorMethods } from '../theme.ts';
import { differencePlot, reachOf, type Difference } from './difference-plot.ts';
import { plotName, type Plot, type PlotGroup } from './plot.ts';

/** The two that the comparison of image and text is about. */
export const comparedSuites = [
  { suite: 'vision', title: 'Images' },
  { suite: 'text', title: 'Text' },
] as const satisfies readonly { suite: SuiteName; title: string }[];

/** For each metric, every method's gain over the mask token, paired by seed: images beside text, on one scale. */
export function gainPlots({ comparisons }: Pick<Results, 'comparisons'>): PlotGroup[] {
  const gains = comparisons.filter(
    ({ baseline, suite }) => baseline === maskToken && comparedSuites.some((side) => side.suite === suite),
  );
  const metrics = sortMetrics(gains.map(({ metric }) => metric));
  return groupBy(metrics, metricKind).map((group) => ({
    heading: metricCaption(metricKind(group[0])),
    plots: comparedSuites.flatMap(({ suite }) =>
      group.flatMap((metric) =>
        gainPlot(
          gains.filter((gain) => gain.suite === suite && gain.metric === metric),
          reachOfKind(gains, metric),
        ),
      ),
    ),
  }));
}

/** What a metric measures, whatever the data set that it measures it on. */
function metricKind(metric: string): string {
  return splitMetric(metric)[0];
}

/** Losses of images and of text are no amounts of one thing; accuracies are. */
function reachOfKind(gains: readonly Comparison[], metric: string): number | undefined {
  if (metricLabel(metric).better === 'lower') return undefined;
  const comparable = gains.filter((gain) => metricKind(gain.metric) === metricKind(metric));
  return reachOf(comparable.map(({ meanDifference: value, interval }) => ({ value, interval })));
}

function gainPlot(gains: readonly Comparison[], reach: number | undefined): Plot[] {
  const [first] = gains;
  if (first === undefined) return [];
  const { title, digits, better } = metricLabel(first.metric);
  const colors = colorMethods(gains.map(({ method }) => ({ method, role: 'method' })));
  const labels = labelDistinctly(gains);
  const differences = gains.map((gain, index): Difference => {
    const { method, meanDifference: value, interval } = gain;
    return {
      label: labels[index] ?? method,
      color: colors.get(method) ?? 'gray',
      value,
      interval,
      text: formatDifference(gain, digits),
    };
  });
  const suiteTitle = comparedSuites.find(({ suite }) => suite === first.suite)?.title ?? first.suite;
  const [, set] = splitMetric(first.metric);
  const caption = `${suiteTitle} · ${set ?? [...new Set(gains.map(({ dataset }) => dataset))].join(', ')}`;
  const about = `${suiteTitle}: ${title}, method minus ${first.baseline}`;
  return [
    differencePlot({
      name: plotName('gain', first.suite, first.metric),
      title: about,
      caption,
      description: `${about}. ${differences.map(({ label, text }) => `${label}: ${text}`).join('; ')}.`,
      differences,
      better,
      ...(reach !== undefined && { reach }),
    }),
  ];
}

type Distinction = 'encoder' | 'masking' | 'dataset';

/** A label for each of them: the method, and of its comparison no more than it takes to tell them apart. */
function labelDistinctly(gains: readonly Comparison[]): string[] {
  const fields: Distinction[] = [];
  for (const field of ['encoder', 'masking', 'dataset'] as const) {
    if (countLabels(gains, [...fields, field]) > countLabels(gains, fields)) fields.push(field);
  }
  return gains.map((gain) => labelOf(gain, fields));
}

function countLabels(gains: readonly Comparison[], fields: readonly Distinction[]): number {
  return new Set(gains.map((gain) => labelOf(gain, fields))).size;
}

function labelOf(gain: Comparison, fields: readonly Distinction[]): string {
  return [gain.method, ...fields.map((field) => gain[field])].filter((part) => part !== null).join(' · ');
}
