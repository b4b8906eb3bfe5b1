import { formatSigned } from '../../results/format.ts';
import { groupBy } from '../../results/group-by.ts';
import { comparandTitle, metricLabel, sortMetrics } from '../../results/labels.ts';
import type { Comparison, Results } from '../../results/schema.ts';
import { verdictOf } from '../../results/verdict.ts';
import { html, type Html } from '../html.ts';

/** Method minus baseline, paired by seed; coloured only where the interval leaves zero out. */
export function renderDifferences({ comparisons }: Results): Html | null {
  if (comparisons.length === 0) return null;
  const metrics = sortMetrics(comparisons.map((comparison) => comparison.metric));
  const rows = groupBy(comparisons, ({ suite, dataset, encoder, masking, method, baseline }) =>
    [suite, dataset, encoder, masking, method, baseline].join(' '),
  );
  const numIntervals = comparisons.filter((comparison) => comparison.interval !== null).length;
  const remark =
    numIntervals === 0
      ? 'One seed gives no interval: nothing here says more than one throw of dice.'
      : `Below each, the 95 % t-interval of the mean difference; coloured where it leaves zero out. Of ${numIntervals} intervals about one in twenty does so by chance.`;
  return html`
    <section aria-labelledby="differences">
      <h2 id="differences">Differences to the baselines</h2>
      <p class="muted">Method minus baseline, paired by seed. ${remark}</p>
      <div class="scroll" role="region" aria-label="Difference to the baseline" tabindex="0">
        <table>
          <thead>
            <tr>
              <th scope="col">method</th>
              ${metrics.map((metric) => html`<th scope="col">${metricLabel(metric).title}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map((row) => renderRow(row, metrics))}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function renderRow(row: readonly [Comparison, ...Comparison[]], metrics: readonly string[]): Html {
  const [first] = row;
  return html`
    <tr>
      <th scope="row">${first.method} − ${first.baseline}<span class="spread">${comparandTitle(first)}</span></th>
      ${metrics.map((metric) => renderDifference(row.find((comparison) => comparison.metric === metric)))}
    </tr>
  `;
}

function renderDifference(comparison: Comparison | undefined): Html {
  if (comparison === undefined) return html`<td>–</td>`;
  const { digits } = metricLabel(comparison.metric);
  const { interval } = comparison;
  const spread =
    interval === null
      ? html`<span class="spread">one seed</span>`
      : html`<span class="spread"
          >${formatSigned(interval.low, digits)} to ${formatSigned(interval.high, digits)}</span
        >`;
  return html`<td>
    <span class="${verdictOf(comparison)}">${formatSigned(comparison.meanDifference, digits)}</span>${spread}
  </td>`;
}
