import type { Results } from '../results/schema.ts';
import { allPlots } from './plots/all-plots.ts';
import { compilePlot, drawPng, drawSvg } from './plots/draw.ts';

export interface PlotFile {
  /** Such as `loss-text-ag-news-span.svg`. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Every plot of the report for itself, as SVG and as PNG, on light ground, with its title and legend. */
export async function* drawPlotFiles(results: Results): AsyncGenerator<PlotFile, void, undefined> {
  for (const plot of allPlots(results)) {
    const svg = await drawSvg(compilePlot(plot, 'file'));
    yield { name: `${plot.name}.svg`, content: svg };
    yield { name: `${plot.name}.png`, content: await drawPng(svg) };
  }
}
