import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { Html } from './html.ts';

/** Legible on white and on near-black alike. */
const seriesColors = ['#2f7fd1', '#dd7a1f', '#2a9d6f', '#a05bc4', '#c9495d', '#8a8f36'] as const;

/** One point of a line; lines of one series have its color. */
interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly series: string;
  /** Which line of the series, such as the seed. */
  readonly line: string;
}

export interface LineChart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly points: readonly LinePoint[];
  /** Where a dashed horizontal line lies, to read the others against. */
  readonly reference?: number | undefined;
  /** Above this, lines are cut off. */
  readonly yLimit?: number | undefined;
}

const width = 420;
const height = 240;

/** Draws lines as an SVG that takes the color of the text around it. */
export async function drawLineChart(chart: LineChart): Promise<Html> {
  const series = [...new Set(chart.points.map((point) => point.series))];
  const specification: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width,
    height,
    background: 'transparent',
    padding: 4,
    autosize: { type: 'fit', contains: 'padding' },
    config: {
      font: 'system-ui, sans-serif',
      axis: {
        labelColor: 'currentColor',
        titleColor: 'currentColor',
        domainColor: 'currentColor',
        tickColor: 'currentColor',
        gridColor: 'currentColor',
        gridOpacity: 0.12,
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: 'normal',
      },
      legend: { labelColor: 'currentColor', labelFontSize: 12, titleColor: 'currentColor' },
      view: { stroke: null },
    },
    layer: [
      {
        data: { values: [...chart.points] },
        mark: { type: 'line', strokeWidth: 1.75, opacity: 0.85, clip: true },
        encoding: {
          x: { field: 'x', type: 'quantitative', title: chart.xTitle, axis: { grid: false, tickCount: 6 } },
          y: {
            field: 'y',
            type: 'quantitative',
            title: chart.yTitle,
            scale: { zero: false, ...(chart.yLimit !== undefined && { domainMax: chart.yLimit }) },
          },
          color: {
            field: 'series',
            type: 'nominal',
            sort: series,
            scale: { domain: series, range: seriesColors.slice(0, series.length) },
            legend: { orient: 'top', title: null, symbolStrokeWidth: 3 },
          },
          detail: { field: 'line', type: 'nominal' },
        },
      },
      ...(chart.reference === undefined ? [] : [referenceLayer(chart.reference)]),
    ],
  };
  const view = new View(parse(compile(specification).spec), { renderer: 'none' });
  try {
    return labelSvg(await view.toSVG(), chart.title);
  } finally {
    view.finalize();
  }
}

function referenceLayer(y: number) {
  return {
    data: { values: [{ y }] },
    mark: { type: 'rule' as const, strokeDash: [4, 4], color: 'currentColor', opacity: 0.6 },
    encoding: { y: { field: 'y', type: 'quantitative' as const } },
  };
}

/** Makes the drawing shrink with its column, and tells a screen reader what it shows. */
function labelSvg(svg: string, title: string): Html {
  const label = title.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return new Html(svg.replace('<svg ', `<svg role="img" aria-label="${label}" `));
}
