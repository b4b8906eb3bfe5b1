import Table from 'cli-table3';
import { formatDuration, formatMean } from '../results/format.ts';
import { groupSummaries, type SummaryGroup } from '../results/groups.ts';
import { comparandTitle, metricLabel, sortMetrics } from '../results/labels.ts';
import type { Results, Summary } from '../results/schema.ts';

/** The summary as text: one table per comparison, under its title. */
export function renderSummaryTables(results: Results): string {
  return groupSummaries(results)
    .map((group) => `${comparandTitle(group)}\n${renderTable(group)}`)
    .join('\n\n');
}

function renderTable({ summaries }: SummaryGroup): string {
  const metrics = sortMetrics(summaries.flatMap((summary) => Object.keys(summary.metrics)));
  const table = new Table({
    head: ['method', 'seeds', ...metrics.map((metric) => metricLabel(metric).title), 'time per run'],
    colAligns: ['left', ...metrics.map(() => 'right' as const), 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const summary of summaries) table.push(renderRow(summary, metrics));
  return table.toString();
}

function renderRow(summary: Summary, metrics: readonly string[]): string[] {
  const values = metrics.map((metric) => {
    const value = summary.metrics[metric];
    return value === undefined ? '–' : formatMean(value.mean, value.interval, metricLabel(metric).digits);
  });
  return [summary.method, String(summary.n), ...values, formatDuration(summary.meanTotalMs)];
}
