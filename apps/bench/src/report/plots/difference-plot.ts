import type { TopLevelSpec } from 'vega-lite';
import type { ColorName } from '../theme.ts';
import { baseSpec, colorsFor, type Medium, type Plot } from './plot.ts';

export interface Difference {
  /** Unlike those of the other differences. */
  readonly label: string;
  readonly color: ColorName;
  readonly value: number;
  /** 95 % interval; null where there is none. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** The value as it is written under the pointer. */
  readonly text: string;
}

export interface DifferencePlotOptions {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly description: string;
  readonly differences: readonly Difference[];
  /** Right is always better: where less is, the axis is turned around. */
  readonly better: 'lower' | 'higher';
  /** The largest difference on either side that has to fit, so that plots beside each other have one scale. */
  readonly reach?: number;
}

/** Differences to zero as points with their intervals: filled where the interval leaves zero out, hollow elsewhere. */
export function differencePlot(options: DifferencePlotOptions): Plot {
  const { name, title, caption, description } = options;
  return { name, title, caption, description, legend: [], buildSpec: (medium) => buildSpec(options, medium) };
}

/** The largest distance from zero of any value or end of an interval. */
export function reachOf(differences: readonly Pick<Difference, 'value' | 'interval'>[]): number {
  const ends = differences.flatMap(({ value, interval }) =>
    interval === null ? [value] : [value, interval.low, interval.high],
  );
  return Math.max(0, ...ends.map(Math.abs));
}

/** Vega's expression for the label of a tick: its sign is part of it, and zero has none. */
const signedLabel = "datum.value === 0 ? '0' : format(datum.value, '+~g')";

const rowStep = 24;

function buildSpec(options: DifferencePlotOptions, medium: Medium): TopLevelSpec {
  const { title, differences, better } = options;
  const colors = colorsFor(medium);
  const reach = 1.06 * (options.reach ?? reachOf(differences)) || 1;
  const rows = differences.map(({ label, color, value, interval, text }) => {
    const { low, high } = interval ?? { low: value, high: value };
    const isClear = interval !== null && (low > 0 || high < 0);
    const ground = medium === 'file' ? colors.background : colors.surface;
    return { label, value, low, high, text, stroke: colors[color], fill: isClear ? colors[color] : ground };
  });
  const y = {
    field: 'label',
    type: 'nominal',
    title: null,
    sort: differences.map(({ label }) => label),
    axis: { domain: false, ticks: false, labelColor: colors.text, labelPadding: 8, grid: true, gridOpacity: 0.5 },
  } as const;
  const x = {
    type: 'quantitative',
    title: better === 'higher' ? 'more is better →' : 'less is better →',
    scale: { domainMin: -reach, domainMax: reach, nice: false, reverse: better === 'lower' },
    axis: { tickCount: 4, labelOverlap: true, labelExpr: signedLabel, grid: false },
  } as const;
  const stroke = { field: 'stroke', type: 'nominal', scale: null } as const;
  const tooltip = [
    { field: 'label', type: 'nominal' as const, title: ' ' },
    { field: 'text', type: 'nominal' as const, title: 'difference' },
  ];
  return {
    ...baseSpec(medium, title),
    height: rowStep * differences.length,
    data: { values: rows },
    layer: [
      {
        data: { values: [{}] },
        mark: { type: 'rule', color: colors.muted },
        encoding: { x: { ...x, datum: 0 } },
      },
      {
        transform: [{ filter: 'datum.high > datum.low' }],
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color: stroke },
      },
      {
        mark: { type: 'point', size: 70, strokeWidth: 2, opacity: 1 },
        encoding: {
          x: { ...x, field: 'value' },
          y,
          stroke,
          fill: { field: 'fill', type: 'nominal', scale: null },
          tooltip,
        },
      },
    ],
  };
}
