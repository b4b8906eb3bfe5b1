import { stringify } from 'csv-stringify/sync';
import { formatDifference, formatDuration, formatMean } from './format.ts';
import { groupBy } from './group-by.ts';
import { groupSummaries, type SummaryGroup } from './groups.ts';
import { comparandTitle, metricLabel, sortMetrics, splitMetric } from './labels.ts';
import { drawTable, escapeCell } from './markdown-table.ts';
import { splitBySet, type MetricsOfSet } from './probed-sets.ts';
import type { Comparison, Results, Summary } from './schema.ts';
import { groupVerdicts } from './verdicts.ts';

/** `results.csv`: a row for each run, a column for each metric. */
export function renderCsv({ runs }: Pick<Results, 'runs'>): string {
  const metrics = sortMetrics(runs.flatMap((run) => Object.keys(run.metrics)));
  const header = ['suite', 'dataset', 'encoder', 'masking', 'method', 'role', 'seed'];
  const costs = ['numSteps', 'batchSize', 'numParameters', 'itemsPerSecond', 'pretrainMs', 'probeMs', 'totalMs', 'id'];
  const rows = runs.map((run) => [
    run.suite,
    run.dataset,
    run.encoder,
    run.masking,
    run.method,
    run.role,
    run.seed,
    ...metrics.map((metric) => run.metrics[metric]),
    run.training?.numSteps,
    run.training?.batchSize,
    run.training?.numParameters,
    run.training?.itemsPerSecond,
    run.durations.pretrainMs,
    run.durations.probeMs,
    run.durations.totalMs,
    run.id,
  ]);
  return stringify([[...header, ...metrics, ...costs], ...rows]);
}

/**
 * `results.md`: the summaries as Markdown tables, one for each comparison and probed set, with half their 95 % intervals,
 * the paired differences to each baseline with theirs, and what these say to each question.
 */
export function renderMarkdown(results: Pick<Results, 'summaries' | 'comparisons' | 'verdicts'>): string {
  const differences = renderDifferences(results);
  const verdicts = renderVerdicts(results);
  return [
    renderMeans(results),
    ...(differences === '' ? [] : ['## Differences, paired by seed\n', differences]),
    ...(verdicts === '' ? [] : ['## Verdicts\n', verdicts]),
  ].join('\n');
}

/** The questions with their answers, a list for each comparison. */
function renderVerdicts(results: Pick<Results, 'comparisons' | 'verdicts'>): string {
  return groupVerdicts(results)
    .map(({ title, verdicts }) => {
      const lines = verdicts.map(({ question, answer }) => `- ${question} ${answer}`);
      return [`**${title}**`, '', ...lines, ''].join('\n');
    })
    .join('\n');
}

/** Means over the seeds with half their 95 % intervals, a table for each comparison and probed set. */
export function renderMeans(results: Pick<Results, 'summaries'>): string {
  return tabulateMeans(results)
    .map(({ title, rows }) => renderTable(title, rows))
    .join('\n');
}

/** Method minus baseline with its 95 % interval, a table for each comparison and baseline. */
export function renderDifferences({ comparisons }: Pick<Results, 'comparisons'>): string {
  return groupBy(comparisons, differenceTitle)
    .map((group) => {
      const metrics = sortMetrics(group.map(({ metric }) => metric));
      const head = ['method', 'seeds', ...metrics.map((metric) => metricLabel(metric).title)];
      const rows = groupBy(group, ({ method }) => method).map((own) => {
        const cells = metrics.map((metric) => tellDifference(own.find((comparison) => comparison.metric === metric)));
        return [own[0].method, String(own[0].n)].concat(cells);
      });
      return renderTable(differenceTitle(group[0]), [head, ...rows]);
    })
    .join('\n');
}

function renderTable(title: string, rows: readonly (readonly string[])[]): string {
  return [`**${escapeCell(title)}**`, '', ...drawTable(rows.map((row) => row.map(escapeCell))), ''].join('\n');
}

function differenceTitle(comparison: Comparison): string {
  return `${comparandTitle(comparison)}, minus ${comparison.baseline}`;
}

function tellDifference(comparison: Comparison | undefined): string {
  if (comparison === undefined) return '–';
  return formatDifference(comparison, metricLabel(comparison.metric).digits);
}

/** Means over the seeds as text, for whatever draws it. */
export interface MeansTable {
  /** What is compared, and what it is probed on. */
  readonly title: string;
  /** A row per method and control under one of headings. */
  readonly rows: readonly (readonly string[])[];
}

/** The summaries with half their 95 % intervals: a table for each comparison and probed set. */
export function tabulateMeans(results: Pick<Results, 'summaries'>): MeansTable[] {
  return groupSummaries(results).flatMap((group) => {
    const metrics = sortMetrics(group.summaries.flatMap((summary) => Object.keys(summary.metrics)));
    return splitBySet(metrics).map((ofSet) => tabulateGroup(group, ofSet));
  });
}

function tabulateGroup(group: SummaryGroup, { set, metrics }: MetricsOfSet): MeansTable {
  const titles = metrics.map((metric) => metricLabel(splitMetric(metric)[0]).title);
  const summaries = group.summaries.filter((summary) =>
    metrics.some((metric) => summary.metrics[metric] !== undefined),
  );
  return {
    title: `${comparandTitle(group)}${set === null ? '' : `, probed on ${set}`}`,
    rows: [
      ['method', 'seeds', ...titles, 'time per run'],
      ...summaries.map((summary) => tabulateSummary(summary, metrics)),
    ],
  };
}

function tabulateSummary(summary: Summary, metrics: readonly string[]): string[] {
  const values = metrics.map((metric) => {
    const value = summary.metrics[metric];
    return value === undefined ? '–' : formatMean(value.mean, value.interval, metricLabel(metric).digits);
  });
  return [summary.method, String(summary.n), ...values, formatDuration(summary.meanTotalMs)];
}
