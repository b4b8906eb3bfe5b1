import { formatCount, formatDuration } from '../../results/format.ts';
import { groupSummaries, type SummaryGroup } from '../../results/groups.ts';
import { comparandTitle, metricLabel, sortMetrics, splitMetric } from '../../results/labels.ts';
import type { Results, Summary } from '../../results/schema.ts';
import { seedsRemark } from '../../results/statistics.ts';
import { html, type Html } from '../html.ts';
import { splitBySet, type MetricsOfSet } from '../../results/probed-sets.ts';
import type { Section } from '../section.ts';
import { emptyCell, renderTable, type Cell } from '../table.ts';

/** The tables of means: per comparison and probed data set one, methods above, controls below. */
export function resultsSection(results: Results): Section | null {
  if (results.runs.length === 0) return null;
  return {
    id: 'results',
    title: 'Results',
    about: `Means over the seeds, with half the 95 % t-interval where these differ. ${seedsRemark} The controls, in gray, say what the probes give without this pre-training.`,
    body: groupSummaries(results).map(renderGroup),
  };
}

function renderGroup(group: SummaryGroup): Html {
  const metrics = sortMetrics(group.summaries.flatMap((summary) => Object.keys(summary.metrics)));
  return html`
    <h3>${comparandTitle(group)}</h3>
    ${splitBySet(metrics).map((ofSet, index) => renderSummaries(group, ofSet, index === 0))}
  `;
}

function renderSummaries(group: SummaryGroup, { set, metrics }: MetricsOfSet, isFirst: boolean): Html {
  const summaries = group.summaries.filter((summary) =>
    metrics.some((metric) => summary.metrics[metric] !== undefined),
  );
  const firstControl = summaries.find(({ role }) => role === 'control');
  const numSeeds = Math.max(0, ...summaries.map(({ n }) => n));
  const probed = set === null ? '' : `probed on ${set}, `;
  return renderTable({
    caption: html`<span class="hidden">${comparandTitle(group)}:</span> ${probed}${formatCount(numSeeds, 'seed')}`,
    headings: ['method', ...metrics.map((metric) => columnTitle(metric)), ...(isFirst ? ['time per run'] : [])],
    rows: summaries.map((summary) => ({
      heading: { content: summary.method },
      cells: [
        ...metrics.map((metric) => metricCell(summary, metric)),
        ...(isFirst ? [{ content: formatDuration(summary.meanTotalMs), value: summary.meanTotalMs }] : []),
      ],
      className: [summary.role, ...(summary === firstControl ? ['first-control'] : [])].join(' '),
    })),
  });
}

/** The set is in the caption already. */
function columnTitle(metric: string): string {
  return metricLabel(splitMetric(metric)[0]).title;
}

function metricCell({ metrics }: Summary, metric: string): Cell {
  const value = metrics[metric];
  if (value === undefined) return emptyCell;
  const { digits } = metricLabel(metric);
  const { mean, interval } = value;
  const spread =
    interval === null
      ? null
      : html` <span class="spread">± ${((interval.high - interval.low) / 2).toFixed(digits)}</span>`;
  return { content: html`${mean.toFixed(digits)}${spread}`, value: mean };
}
