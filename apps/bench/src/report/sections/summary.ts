import { formatDuration, formatCount } from '../../results/format.ts';
import { groupSummaries, type SummaryGroup } from '../../results/groups.ts';
import { comparandTitle, metricLabel, sortMetrics } from '../../results/labels.ts';
import type { Results, Summary } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';

/** The tables to read first: one per comparison, methods above, controls below. */
export function renderSummary(results: Results): Html {
  return html`
    <section aria-labelledby="summary">
      <h2 id="summary">Summary</h2>
      <p class="muted">
        Means over the seeds, with half the 95 % t-interval where there is more than one. kNN and linear probe are test
        accuracies of a classifier on the frozen encoder's features; the controls in grey say what these probes give
        without pre-training.
      </p>
      ${groupSummaries(results).map((group) => renderGroup(group, results.backend.name))}
    </section>
  `;
}

function renderGroup(group: SummaryGroup, backend: string): Html {
  const metrics = sortMetrics(group.summaries.flatMap((summary) => Object.keys(summary.metrics)));
  const firstControl = group.summaries.find((summary) => summary.role === 'control');
  const numSeeds = Math.max(...group.summaries.map((summary) => summary.n));
  return html`
    <h3>${comparandTitle(group)}</h3>
    <div class="scroll" role="region" aria-label="${comparandTitle(group)}" tabindex="0">
      <table>
        <caption>
          ${formatCount(numSeeds, 'seed')}, backend ${backend}
        </caption>
        <thead>
          <tr>
            <th scope="col">method</th>
            ${metrics.map((metric) => html`<th scope="col">${metricLabel(metric).title}</th>`)}
            <th scope="col">time per run</th>
          </tr>
        </thead>
        <tbody>
          ${group.summaries.map((summary) => renderRow(summary, metrics, summary === firstControl))}
        </tbody>
      </table>
    </div>
  `;
}

function renderRow(summary: Summary, metrics: readonly string[], isFirstControl: boolean): Html {
  const classes = [summary.role, ...(isFirstControl ? ['first-control'] : [])].join(' ');
  return html`
    <tr class="${classes}">
      <th scope="row">${summary.method}</th>
      ${metrics.map((metric) => renderMetric(summary, metric))}
      <td>${formatDuration(summary.meanTotalMs)}</td>
    </tr>
  `;
}

function renderMetric(summary: Summary, metric: string): Html {
  const value = summary.metrics[metric];
  if (value === undefined) return html`<td>–</td>`;
  const { digits } = metricLabel(metric);
  const spread =
    value.interval === null
      ? null
      : html`<span class="spread">± ${((value.interval.high - value.interval.low) / 2).toFixed(digits)}</span>`;
  return html`<td>${value.mean.toFixed(digits)}${spread}</td>`;
}
