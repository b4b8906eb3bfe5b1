import { formatNumber } from '../../results/format.ts';
import { groupBy } from '../../results/group-by.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Results, Run, Training } from '../../results/schema.ts';
import { summarizeSample } from '../../results/statistics.ts';
import { groupRuns } from '../comparands.ts';
import { html } from '../html.ts';
import type { Section } from '../section.ts';
import { emptyCell, renderTable, type Cell } from '../table.ts';

/** What the training of each method takes: per comparison one table. */
export function costSection(results: Results): Section | null {
  const groups = groupRuns(results).filter(({ runs }) => runs.some(({ training }) => training !== null));
  if (groups.length === 0) return null;
  return {
    id: 'cost',
    title: 'Cost',
    about:
      'Means over the seeds. The encoder’s operations are of one input: its visible part alone, as in pre-training, and whole. Memory is the most that the process has held since it began, the runs before included: a bound.',
    body: groups.map(
      (group) =>
        html`<h3>${comparandTitle(group)}</h3>
          ${renderTable({
            caption: html`<span class="hidden">Training cost of ${comparandTitle(group)}</span>`,
            headings: ['method', ...columns.map(({ title }) => title)],
            rows: groupBy(
              group.runs.filter(({ training }) => training !== null),
              ({ method }) => method,
            ).map((runs) => ({
              heading: { content: runs[0].method },
              cells: columns.map((column) => costCell(runs, column)),
            })),
          })}`,
    ),
  };
}

interface Column {
  readonly title: string;
  readonly valueOf: (training: Training) => number | null;
  readonly format: (value: number) => string;
}

const columns: readonly Column[] = [
  { title: 'parameters', valueOf: ({ numParameters }) => numParameters, format: formatAmount },
  { title: 'of the encoder', valueOf: ({ cost }) => cost.encoderParameters, format: formatAmount },
  { title: 'FLOP per step', valueOf: ({ cost }) => cost.flopsPerStep, format: formatAmount },
  { title: 'encoder FLOP, visible part', valueOf: ({ cost }) => cost.encoderFlopsVisible, format: formatAmount },
  { title: 'encoder FLOP, whole', valueOf: ({ cost }) => cost.encoderFlopsFull, format: formatAmount },
  { title: 'inputs per second', valueOf: ({ itemsPerSecond }) => itemsPerSecond, format: formatNumber },
  {
    title: 'waiting for data',
    valueOf: ({ cost }) => cost.waitShare,
    format: (share) => `${(100 * share).toFixed(1)} %`,
  },
  {
    title: 'memory, at most',
    valueOf: ({ cost }) => cost.peakMemoryBytes,
    format: (bytes) => `${formatNumber(Math.round(bytes / 2 ** 20))} MiB`,
  },
];

function costCell(runs: readonly Run[], { valueOf, format }: Column): Cell {
  const values = runs.flatMap(({ training }) => (training === null ? [] : (valueOf(training) ?? [])));
  if (values.length === 0) return emptyCell;
  const { mean } = summarizeSample(values);
  return { content: format(mean), value: mean };
}

/** `1.23 M`: three digits and a unit of thousands. */
function formatAmount(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P'];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`.trim();
}
