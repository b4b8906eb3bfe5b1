import { formatDifferenceSpread, formatSigned } from '../../results/format.ts';
import { groupBy } from '../../results/group-by.ts';
import { comparandTitle, metricLabel, sortMetrics, splitMetric } from '../../results/labels.ts';
import { untrainedControl } from '../../results/method-names.ts';
import type { Comparison, Results } from '../../results/schema.ts';
import { explainNoInterval } from '../../results/statistics.ts';
import { verdictOf } from '../../results/verdict.ts';
import { comparandKey } from '../../results/groups.ts';
import { html, type Html } from '../html.ts';
import { splitBySet } from '../../results/probed-sets.ts';
import type { Section } from '../section.ts';
import { emptyCell, renderTable, type Cell } from '../table.ts';

/** Method minus baseline, paired by seed; colored only where the interval leaves zero out. */
export function differencesSection({ comparisons, numComparisons }: Results): Section | null {
  if (comparisons.length === 0) return null;
  const remark =
    numComparisons === 0
      ? `There is no interval to go by: ${explainNoInterval(comparisons)}.`
      : 'In brackets the 95 % t-interval of the mean difference; colored where it leaves zero out.';
  return {
    id: 'differences',
    title: 'Paired differences',
    about: `Method minus baseline, paired by seed. ${remark}`,
    body: groupBy(comparisons, comparandKey).map(renderComparand),
  };
}

/** The first baseline is the one to look at; the others unfold. */
function renderComparand(comparisons: readonly [Comparison, ...Comparison[]]): Html {
  const [primary, ...others] = groupBy(comparisons, ({ baseline }) => baseline).toSorted(
    ([a], [b]) => Number(a.baseline === untrainedControl) - Number(b.baseline === untrainedControl),
  );
  return html`
    <h3>${comparandTitle(comparisons[0])}</h3>
    ${primary === undefined ? null : renderBaseline(primary)}
    ${others.map(
      (group) =>
        html`<details>
          <summary>Minus ${group[0].baseline}</summary>
          ${renderBaseline(group)}
        </details>`,
    )}
  `;
}

function renderBaseline(comparisons: readonly [Comparison, ...Comparison[]]): Html[] {
  const [first] = comparisons;
  const methods = groupBy(comparisons, ({ method }) => method);
  return splitBySet(sortMetrics(comparisons.map(({ metric }) => metric))).map(({ set, metrics }) =>
    renderTable({
      caption: html`<span class="hidden">${comparandTitle(first)}:</span> minus
        ${first.baseline}${set === null ? '' : `, probed on ${set}`}`,
      headings: ['method', ...metrics.map((metric) => metricLabel(splitMetric(metric)[0]).title)],
      isStacked: metrics.length > 4,
      rows: methods
        .filter((rows) => rows.some(({ metric }) => metrics.includes(metric)))
        .map((rows) => ({
          heading: { content: rows[0].method },
          cells: metrics.map((metric) => differenceCell(rows.find((row) => row.metric === metric))),
        })),
    }),
  );
}

function differenceCell(comparison: Comparison | undefined): Cell {
  if (comparison === undefined) return emptyCell;
  const { metric, meanDifference } = comparison;
  const { digits } = metricLabel(metric);
  return {
    content: html`<span class="${verdictOf(comparison)}">${formatSigned(meanDifference, digits)}</span>
      <span class="spread">(${formatDifferenceSpread(comparison, digits)})</span>`,
    value: meanDifference,
  };
}
