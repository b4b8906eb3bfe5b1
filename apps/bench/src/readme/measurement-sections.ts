import { formatNumber } from '../results/format.ts';
import { groupBy } from '../results/group-by.ts';
import { drawTable, escapeCell } from '../results/markdown-table.ts';
import type { Measurement, Results } from '../results/schema.ts';

/** The operators' cost, for the README of core: beside bare products, and as a share of a training step. */
export function renderOperators(results: Results): string {
  const [products, shares] = ['ratioToBareProduct', 'shareOfTrainingStep'].map((field) =>
    results.operators.filter((row) => typeof row[field] === 'number'),
  ) as [Measurement[], Measurement[]];
  const both = products.filter(({ pass }) => pass === 'forward + backward');
  const sizes = groupBy(both, sizeOf).map(([row]) => sizeOf(row));
  const rows = groupBy(both, ({ operation }) => String(operation)).map((own) => {
    const ratios = sizes.map((size) => tell(own.find((row) => sizeOf(row) === size)?.['ratioToBareProduct']));
    return [escapeCell(String(own[0]['operation']))].concat(ratios);
  });
  return [
    `Time in \`${results.command}\`, forward and backward together, as a multiple of that of bare products of the same FLOPs, ` +
      `${describeMachine(results)}. Below 1, many small products ran faster than one large one.\n`,
    ...drawTable([['', ...sizes], ...rows]),
    '\nOf a training step of a ViT that sees as many positions, random masks drawn anew take:\n',
    ...drawTable([
      ['', 'grid', 'samples', 'share of a step'],
      ...shares.map((row) => [
        escapeCell(`${row['operation']}, ${row['pass']}`),
        String(row['grid']),
        tell(row['batchSize']),
        percent(row['shareOfTrainingStep']),
      ]),
    ]),
  ].join('\n');
}

/** Training steps by engine, for the README of the backend. */
export function renderEngine(results: Results): string {
  const measured = results.engine.filter(({ imagesPerSecond }) => typeof imagesPerSecond === 'number');
  const missing = results.engine.filter(({ unavailable }) => typeof unavailable === 'string');
  const tables = groupBy(measured, ({ workload }) => String(workload)).map((rows) =>
    [
      `**${rows[0]['workload']}**, batches of ${batchSizeOf(rows[0])}\n`,
      ...drawTable([
        ['', 'threads', 'images/s', 'of the product peak', '× PyTorch', 'JavaScript, ms', 'compiling, ms', 'MiB'],
        ...rows.map((row) => [
          escapeCell(`${row['engine']} ${row['version']}`),
          tell(row['threads']),
          tell(row['imagesPerSecond']),
          percent(row['peakShare']),
          tell(ratioToPytorch(row, rows)),
          tell(row['javascriptMs']),
          tell(row['firstStepExtraMs']),
          tell(row['peakRssMiB']),
        ]),
      ]),
      '',
    ].join('\n'),
  );
  return [
    `The training steps of \`${results.command}\`, ${describeMachine(results)}. ` +
      'The product peak is that of square products in the same process; × PyTorch is against its eager rate with as many threads.\n',
    ...tables,
    ...missing.map((row) => `- ${row['workload']}, ${row['engine']}, ${row['threads']}: ${row['unavailable']}`),
  ].join('\n');
}

/** A micro-benchmark's own rows say how many threads each had. */
function describeMachine({ machine, versions }: Results): string {
  const commit = versions['git commit'];
  return `on ${machine.cpu}${commit === undefined ? '' : `, at commit ${commit}`}`;
}

function sizeOf({ grid, dim, batchSize }: Measurement): string {
  return `${grid}, ${dim} channels, ${batchSize} samples`;
}

function batchSizeOf({ imagesPerSecond, stepMs }: Measurement): number {
  return Math.round((Number(imagesPerSecond) * Number(stepMs)) / 1000);
}

function ratioToPytorch(row: Measurement, rows: readonly Measurement[]): number | undefined {
  const peer = rows.find(({ engine, threads }) => engine === 'pytorch' && threads === row['threads']);
  return peer && Number(row['imagesPerSecond']) / Number(peer['imagesPerSecond']);
}

function tell(value: Measurement[string] | undefined): string {
  return typeof value === 'number' ? formatNumber(value) : '–';
}

function percent(value: Measurement[string] | undefined): string {
  return typeof value === 'number' ? `${(100 * value).toFixed(1)} %` : '–';
}
