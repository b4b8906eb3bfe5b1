import type { TopLevelSpec } from 'vega-lite';
import type { ColorName } from '../theme.ts';
import { baseSpec, colorsFor, type Medium, type Plot } from './plot.ts';

export interface Bar {
  /** Unlike those of the other bars. */
  readonly label: string;
  readonly color: ColorName;
  readonly value: number;
  /** 95 % interval; null where there is none. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** What the value is the mean of, such as one per seed. */
  readonly dots: readonly number[];
  /** The value as it is written beside its bar. */
  readonly short: string;
  /** The value with its interval as it is written under the pointer. */
  readonly text: string;
}

export interface BarPlotOptions {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly description: string;
  readonly xTitle: string;
  readonly bars: readonly Bar[];
  /** Where a dashed upright line lies, to read the bars against, and what it is. */
  readonly reference?: { readonly x: number; readonly label: string } | undefined;
}

/** Lying bars from zero, with the interval of each and the values behind it. */
export function barPlot(options: BarPlotOptions): Plot {
  const { name, title, caption, description } = options;
  return { name, title, caption, description, legend: [], buildSpec: (medium) => buildSpec(options, medium) };
}

const barStep = 22;

function buildSpec({ title, xTitle, bars, reference }: BarPlotOptions, medium: Medium): TopLevelSpec {
  const colors = colorsFor(medium);
  const rows = bars.map(({ label, color, value, interval, short, text }) => {
    const { low, high } = interval ?? { low: value, high: value };
    return { label, fill: colors[color], value, low, high, end: Math.max(value, high), short, text };
  });
  const dots = bars.flatMap(({ label, color, dots: values }) =>
    values.map((value) => ({ label, fill: colors[color], value })),
  );
  const y = {
    field: 'label',
    type: 'nominal',
    title: null,
    sort: bars.map(({ label }) => label),
    axis: { domain: false, ticks: false, labelColor: colors.text, labelPadding: 8 },
  } as const;
  // Room for the value that is written behind the bar.
  const highest = Math.max(0, ...rows.map(({ end }) => end), ...dots.map(({ value }) => value));
  const scale = { domainMin: 0, domainMax: highest === 0 ? 1 : 1.28 * highest, nice: false, clamp: true };
  const x = {
    type: 'quantitative',
    title: xTitle,
    scale,
    axis: { tickCount: 4, labelOverlap: true, gridOpacity: 0.7 },
  } as const;
  const fill = { field: 'fill', type: 'nominal', scale: null } as const;
  const tooltip = [
    { field: 'label', type: 'nominal' as const, title: ' ' },
    { field: 'text', type: 'nominal' as const, title: xTitle },
  ];
  return {
    ...baseSpec(medium, title),
    height: barStep * Math.max(1, bars.length),
    data: { values: rows },
    layer: [
      ...(reference === undefined
        ? []
        : [
            {
              data: { values: [{}] },
              mark: { type: 'rule' as const, strokeDash: [4, 4], color: colors.muted },
              encoding: { x: { ...x, datum: reference.x } },
            },
          ]),
      {
        mark: { type: 'bar', opacity: 0.35, height: { band: 0.62 } },
        encoding: { x: { ...x, field: 'value' }, y, color: fill, tooltip },
      },
      {
        data: { values: dots },
        mark: { type: 'circle', size: 16, opacity: 0.9 },
        encoding: { x: { ...x, field: 'value' }, y, color: fill },
      },
      {
        transform: [{ filter: 'datum.high > datum.low' }],
        mark: { type: 'rule', strokeWidth: 1.5, color: colors.text },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 11, color: colors.muted },
        encoding: { x: { ...x, field: 'end' }, y, text: { field: 'short' } },
      },
    ],
  };
}
