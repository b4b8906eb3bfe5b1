import type { Config, TopLevelSpec } from 'vega-lite';
import { fileColors, pageColors, type ColorName, type Colors } from '../theme.ts';

/**
 * Where a plot is drawn. In the page it takes the page's colors, and leaves title and legend to it: drawn by the page's
 * script it answers to the pointer, as a still drawing it does not. In a file it stands alone.
 */
export type Medium = 'page' | 'still' | 'file';

export interface LegendEntry {
  readonly label: string;
  readonly color: ColorName;
  readonly dash: readonly number[];
}

/** A plot before it is drawn. */
export interface Plot {
  /** Of its files, without ending; unlike all others of a report. */
  readonly name: string;
  /** Where it stands alone. */
  readonly title: string;
  /** In the page, under a heading that says what the group of plots is of. */
  readonly caption: string;
  /** What it shows, in words, for those who cannot see it. */
  readonly description: string;
  readonly legend: readonly LegendEntry[];
  readonly buildSpec: (medium: Medium) => TopLevelSpec;
}

/** Plots under one heading. */
export interface PlotGroup {
  readonly heading: string;
  /** How to read them, where the section does not say so. */
  readonly about?: string;
  readonly plots: readonly Plot[];
}

interface BaseSpec {
  readonly $schema: string;
  readonly width: 'container';
  readonly background: string;
  readonly padding: number;
  readonly autosize: { readonly type: 'fit-x'; readonly contains: 'padding' };
  readonly title?: string;
  readonly config: Config;
}

/** What the specifications of all plots have in common. */
export function baseSpec(medium: Medium, title: string): BaseSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 'container',
    background: medium === 'file' ? fileColors.background : 'transparent',
    padding: medium === 'file' ? 12 : 2,
    autosize: { type: 'fit-x', contains: 'padding' },
    ...(medium === 'file' && { title }),
    config: plotConfig(medium),
  };
}

/** The colors of a medium. */
export function colorsFor(medium: Medium): Colors {
  return medium === 'file' ? fileColors : pageColors;
}

function plotConfig(medium: Medium): Config {
  const colors = colorsFor(medium);
  return {
    // A still drawing is as wide as this; a drawing in the page as wide as its column.
    view: { stroke: null, continuousWidth: medium === 'file' ? 720 : 460, continuousHeight: 240 },
    font: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    // The drawing has one description; a label on each of its marks would be read out one by one.
    aria: false,
    title: { color: colors.text, fontSize: 15, fontWeight: 600, anchor: 'start', offset: 12 },
    axis: {
      labelColor: colors.muted,
      titleColor: colors.muted,
      domainColor: colors.rule,
      tickColor: colors.rule,
      gridColor: colors.rule,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      // Without a canvas, Vega takes letters for wider than they are: in a file a label needs more to be left whole.
      labelLimit: medium === 'file' ? 300 : 220,
    },
    legend: { labelColor: colors.text, titleColor: colors.muted, labelFontSize: 12, labelLimit: 260 },
  };
}

/** The colors and dashes of a plot's series, and their legend where the page does not show one. */
export function seriesScale(medium: Medium, series: readonly LegendEntry[], legend: readonly LegendEntry[]) {
  const colors = colorsFor(medium);
  const domain = series.map(({ label }) => label);
  const labels = legend.map(({ label }) => label);
  const symbols = { symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 2 } as const;
  const shown =
    medium === 'file' ? { title: null, orient: 'top' as const, columns: 4, values: labels, ...symbols } : null;
  return {
    color: {
      field: 'series',
      type: 'nominal' as const,
      scale: { domain, range: series.map(({ color }) => colors[color]) },
      legend: shown,
    },
    strokeDash: {
      field: 'series',
      type: 'nominal' as const,
      scale: { domain, range: series.map(({ dash }) => [...dash]) },
      legend: shown,
    },
  };
}

/** Dashes of the first line of a color, of the second, and so on. */
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [9, 3, 2, 3], [12, 4]];

/** Makes lines of one color distinct by their dashes. */
export function assignDashes(series: readonly { readonly label: string; readonly color: ColorName }[]): LegendEntry[] {
  const numOfColor = new Map<ColorName, number>();
  return series.map(({ label, color }) => {
    const place = numOfColor.get(color) ?? 0;
    numOfColor.set(color, place + 1);
    return { label, color, dash: dashes[place % dashes.length] ?? [] };
  });
}

/** Parts of a name that may stand in a file's: `text-ag-news-span-loss`. */
export function plotName(...parts: readonly (string | null)[]): string {
  return parts
    .filter((part) => part !== null)
    .join('-')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
