import Table from 'cli-table3';
import type { Results } from '../results/schema.ts';
import { tabulateMeans, type MeansTable } from '../results/tables.ts';

/** The summary as text: one table per comparison and probed data set, under its title. */
export function renderSummaryTables(results: Results): string {
  return tabulateMeans(results).map(drawTable).join('\n\n');
}

function drawTable({ title, rows: [head = [], ...rows] }: MeansTable): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_heading, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return `${title}\n${table.toString()}`;
}
