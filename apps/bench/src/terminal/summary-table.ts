import Table from 'cli-table3';
import { formatDuration, formatMean } from '../results/format.ts';
import { groupSummaries, type SummaryGroup } from '../results/groups.ts';
import { comparandTitle, metricLabel, sortMetrics, splitMetric } from '../results/labels.ts';
import { splitBySet, type MetricsOfSet } from '../results/probed-sets.ts';
import type { Results, Summary } from '../results/schema.ts';

/** The summary as text: one table per comparison and probed data set, under its title. */
export function renderSummaryTables(results: Results): string {
  return groupSummaries(results)
    .flatMap((group) => {
      const metrics = sortMetrics(group.summaries.flatMap((summary) => Object.keys(summary.metrics)));
      return splitBySet(metrics).map((ofSet) => renderTable(group, ofSet));
    })
    .join('\n\n');
}

function renderTable(group: SummaryGroup, { set, metrics }: MetricsOfSet): string {
  const table = new Table({
    head: ['method', 'seeds', ...metrics.map((metric) => metricLabel(splitMetric(metric)[0]).title), 'time per run'],
    colAligns: ['left', 'right', ...metrics.map(() => 'right' as const), 'right'],
    style: { head: [], border: [], compact: true },
  });
  const summaries = group.summaries.filter((summary) =>
    metrics.some((metric) => summary.metrics[metric] !== undefined),
  );
  for (const summary of summaries) table.push(renderRow(summary, metrics));
  return `${comparandTitle(group)}${set === null ? '' : `, probed on ${set}`}\n${table.toString()}`;
}

function renderRow(summary: Summary, metrics: readonly string[]): string[] {
  const values = metrics.map((metric) => {
    const value = summary.metrics[metric];
    return value === undefined ? '–' : formatMean(value.mean, value.interval, metricLabel(metric).digits);
  });
  return [summary.method, String(summary.n), ...values, formatDuration(summary.meanTotalMs)];
}
