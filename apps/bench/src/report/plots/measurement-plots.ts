import { formatNumber } from '../../results/format.ts';
import { groupBy } from '../../results/group-by.ts';
import type { Measurement, Results } from '../../results/schema.ts';
import type { ColorName } from '../theme.ts';
import { barPlot, type Bar } from './bar-plot.ts';
import { plotName, type Plot } from './plot.ts';

/** Training steps by engine and number of threads: one plot per workload. */
export function enginePlots({ engine }: Pick<Results, 'engine'>): Plot[] {
  const measured = engine.filter((row) => typeof row['imagesPerSecond'] === 'number');
  return groupBy(measured, (row) => String(row['workload'])).map((rows) => {
    const workload = String(rows[0]['workload']);
    return measurementPlot({
      name: plotName('engine', workload),
      title: `Engine: training of ${workload}`,
      caption: workload,
      xTitle: 'images per second',
      rows,
      valueField: 'imagesPerSecond',
      labelOf: (row) => `${row['engine']}, ${row['threads']} ${row['threads'] === 1 ? 'thread' : 'threads'}`,
      colorOf: (row) => engineColors[String(row['engine'])] ?? 'gray',
    });
  });
}

const engineColors: Readonly<Record<string, ColorName>> = {
  onnxruntime: 'blue',
  pytorch: 'orange',
  tensorflow: 'violet',
};

/** The operators' time as a multiple of a bare matrix product's: one plot per grid and width. */
export function operatorPlots({ operators }: Pick<Results, 'operators'>): Plot[] {
  const measured = operators.filter((row) => typeof row['ratioToBareProduct'] === 'number');
  return groupBy(measured, (row) => `${row['grid']}, dim ${row['dim']}`).map((rows) => {
    const caption = `Grid ${rows[0]['grid']}, dim ${rows[0]['dim']}`;
    return measurementPlot({
      name: plotName('operators', String(rows[0]['grid']), String(rows[0]['dim'])),
      title: `Operators: ${caption}`,
      caption,
      xTitle: 'time, in bare matrix products of the same size',
      rows,
      valueField: 'ratioToBareProduct',
      labelOf: (row) => `${row['operation']}, ${row['pass']}`,
      colorOf: (row) => (row['pass'] === 'forward' ? 'blue' : 'violet'),
      reference: { x: 1, label: 'bare product' },
    });
  });
}

interface MeasurementPlotOptions {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly xTitle: string;
  readonly rows: readonly Measurement[];
  readonly valueField: string;
  readonly labelOf: (row: Measurement) => string;
  readonly colorOf: (row: Measurement) => ColorName;
  readonly reference?: { readonly x: number; readonly label: string };
}

function measurementPlot({ rows, valueField, labelOf, colorOf, ...options }: MeasurementPlotOptions): Plot {
  const bars = groupBy(rows, labelOf).map(([row]): Bar => {
    const value = Number(row[valueField]);
    const text = formatNumber(value);
    return { label: labelOf(row), color: colorOf(row), value, interval: null, dots: [], short: text, text };
  });
  const values = bars.map(({ label, text }) => `${label}: ${text}`).join('; ');
  return barPlot({ ...options, bars, description: `${options.title}, ${options.xTitle}. ${values}.` });
}
