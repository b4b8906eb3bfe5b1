import { formatSigned } from '../results/format.ts';
import { groupBy } from '../results/group-by.ts';
import { comparandKey } from '../results/groups.ts';
import { comparandTitle, metricLabel, sortMetrics, splitMetric } from '../results/labels.ts';
import { drawTable, escapeCell } from '../results/markdown-table.ts';
import { maskToken, proposals } from '../results/method-names.ts';
import { splitBySet } from '../results/probed-sets.ts';
import type { Comparison, Results } from '../results/schema.ts';
import { verdictOf } from '../results/verdict.ts';

/** The suites whose comparisons are of methods that fill what is masked. */
const filledSuites = new Set(['vision', 'text']);

/**
 * What the project proposes minus the mask token, images and text in one table: a row for each comparison and probed set, a
 * column for each metric, in bold where the interval leaves zero out. Empty where nothing was compared.
 */
export function renderGains({ comparisons }: Pick<Results, 'comparisons'>): string {
  const groups = groupBy(
    comparisons.filter(({ suite, baseline }) => filledSuites.has(suite) && baseline === maskToken),
    comparandKey,
  ).flatMap((group) =>
    proposals.map((proposal) => group.filter(({ method }) => method === proposal)).filter((own) => own.length > 0),
  );
  const measures = [...new Set(sortMetrics(groups.flat().map(({ metric }) => splitMetric(metric)[0])))];
  if (measures.length === 0) return '';
  const head = [`minus ${maskToken}`, 'method', ...measures.map((measure) => metricLabel(measure).title)];
  return drawTable([head, ...groups.flatMap((group) => tabulateGains(group, measures))]).join('\n');
}

function tabulateGains(own: readonly Comparison[], measures: readonly string[]): string[][] {
  const [first] = own;
  if (first === undefined) return [];
  return splitBySet(own.map(({ metric }) => metric)).map(({ set, metrics }) => {
    const cells = measures.map((measure) => {
      const metric = metrics.find((name) => splitMetric(name)[0] === measure);
      return tellGain(own.find((comparison) => comparison.metric === metric));
    });
    const place = `${comparandTitle(first)}${set === null ? '' : `, probed on ${set}`}`;
    return [escapeCell(place), `\`${first.method}\``].concat(cells);
  });
}

function tellGain(comparison: Comparison | undefined): string {
  if (comparison === undefined) return '';
  const told = formatSigned(comparison.meanDifference, metricLabel(comparison.metric).digits);
  return verdictOf(comparison) === 'open' ? told : `**${told}**`;
}
