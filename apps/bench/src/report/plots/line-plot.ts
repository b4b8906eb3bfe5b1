import type { TopLevelSpec } from 'vega-lite';
import { baseSpec, colorsFor, seriesScale, type LegendEntry, type Medium, type Plot } from './plot.ts';
import { thinBand, type BandPoint } from './series.ts';

export interface LineSeries extends LegendEntry {
  readonly points: readonly BandPoint[];
  /** False where a line says by its dashes what it is. */
  readonly isInLegend?: boolean;
}

export interface LinePlotOptions {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly description: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly LineSeries[];
  /** Digits of a value under the pointer. */
  readonly digits: number;
  /** Where a dashed horizontal line lies, to read the others against, and what it is. */
  readonly reference?: { readonly y: number; readonly label: string } | undefined;
  /** Above or below this, lines are cut off. */
  readonly yLimits?: { readonly low?: number; readonly high?: number };
  /** Whether each point is marked: for few of them. */
  readonly hasPoints?: boolean;
  readonly height?: number;
}

/** More do not show at the width of a column. */
const maxPointsPerLine = 100;

/** Lines of the means over the seeds in bands from the lowest seed to the highest, with all values at the pointer. */
export function linePlot(options: LinePlotOptions): Plot {
  const { name, title, caption, description } = options;
  const series = options.series.map((line) => ({ ...line, points: thinBand(line.points, maxPointsPerLine) }));
  const legend = series
    .filter(({ isInLegend }) => isInLegend !== false)
    .map(({ label, color, dash }) => ({ label, color, dash }));
  return {
    name,
    title,
    caption,
    description,
    legend,
    buildSpec: (medium) => buildSpec({ ...options, series }, legend, medium),
  };
}

function buildSpec(options: LinePlotOptions, legend: readonly LegendEntry[], medium: Medium): TopLevelSpec {
  const { title, series, reference, yLimits = {}, xTitle, yTitle } = options;
  const { color, strokeDash } = seriesScale(medium, series, legend);
  const x = {
    field: 'x',
    type: 'quantitative',
    title: xTitle,
    axis: { grid: false, tickCount: 6, tickMinStep: 1 },
  } as const;
  const domain = {
    ...(yLimits.low !== undefined && { domainMin: yLimits.low }),
    ...(yLimits.high !== undefined && { domainMax: yLimits.high }),
  };
  const y = {
    type: 'quantitative',
    title: yTitle,
    scale: { zero: false, nice: true, ...domain },
    axis: { tickCount: 5, gridOpacity: 0.7 },
  } as const;
  const hasBand = series.some(({ points }) => points.some(({ n }) => n > 1));
  return {
    ...baseSpec(medium, title),
    height: options.height ?? 240,
    datasets: {
      points: series.flatMap(({ label, points }) =>
        points.map(({ x: place, mean, low, high }) => ({
          series: label,
          x: place,
          mean: roundToDrawn(mean),
          ...(hasBand && { low: roundToDrawn(low), high: roundToDrawn(high) }),
        })),
      ),
    },
    layer: [
      ...(reference === undefined ? [] : referenceLayers(reference, medium)),
      ...(hasBand
        ? [
            {
              data: { name: 'points' },
              mark: { type: 'area' as const, opacity: 0.16, clip: true },
              encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
            },
          ]
        : []),
      {
        data: { name: 'points' },
        mark: {
          type: 'line',
          strokeWidth: 1.75,
          clip: true,
          ...(options.hasPoints === true && { point: { size: 24, filled: true } }),
        },
        encoding: { x, y: { ...y, field: 'mean' }, color, strokeDash },
      },
      ...(medium === 'page' ? [pointerLayer(options)] : []),
    ],
  };
}

/** More digits than can be seen would be most of the page. */
function roundToDrawn(value: number): number {
  return Number(value.toPrecision(5));
}

function referenceLayers({ y, label }: { readonly y: number; readonly label: string }, medium: Medium) {
  const { muted } = colorsFor(medium);
  const encoding = { y: { datum: y, type: 'quantitative' as const } };
  return [
    { data: { values: [{}] }, mark: { type: 'rule' as const, strokeDash: [4, 4], color: muted }, encoding },
    {
      data: { values: [{}] },
      mark: {
        type: 'text' as const,
        text: label,
        color: muted,
        align: 'right' as const,
        baseline: 'bottom' as const,
        dy: -3,
        fontSize: 11,
      },
      encoding: { ...encoding, x: { value: 'width' as const } },
    },
  ];
}

/** An upright line at the x nearest to the pointer, which says what each series is there. */
function pointerLayer({ series, xTitle, digits }: LinePlotOptions) {
  const places = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].toSorted((a, b) => a - b);
  const rows = places.map((place): Record<string, number | string> => {
    const texts = series.map(({ points }) =>
      describePoint(
        points.find((point) => point.x === place),
        digits,
      ),
    );
    return Object.fromEntries([['x', place], ...texts.map((text, index) => [`series${index}`, text])]);
  });
  return {
    data: { values: rows },
    params: [
      {
        name: 'pointer',
        select: {
          type: 'point' as const,
          encodings: ['x' as const],
          nearest: true,
          on: 'pointermove',
          clear: 'pointerout',
        },
      },
    ],
    mark: { type: 'rule' as const, color: colorsFor('page').muted },
    encoding: {
      x: { field: 'x', type: 'quantitative' as const },
      opacity: { condition: { param: 'pointer', empty: false, value: 0.8 }, value: 0 },
      tooltip: [
        { field: 'x', type: 'quantitative' as const, title: xTitle, format: ',' },
        ...series.map(({ label }, index) => ({ field: `series${index}`, type: 'nominal' as const, title: label })),
      ],
    },
  };
}

function describePoint(point: BandPoint | undefined, digits: number): string {
  if (point === undefined) return '–';
  const { mean, low, high, n } = point;
  return n === 1 ? mean.toFixed(digits) : `${mean.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
