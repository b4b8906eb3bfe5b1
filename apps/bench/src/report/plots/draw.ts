import sharp from 'sharp';
import { parse, View, type Spec } from 'vega';
import { compile } from 'vega-lite';
import type { Medium, Plot } from './plot.ts';

/** The plot in Vega's own terms, as the page's script draws it. */
export function compilePlot(plot: Plot, medium: Medium): Spec {
  return compile(plot.buildSpec(medium)).spec;
}

/** Draws a plot as SVG. */
export async function drawSvg(specification: Spec): Promise<string> {
  const view = new View(parse(specification), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Pixels of a PNG for each unit of length of its SVG. */
const pixelsPerUnit = 2;

/** Turns an SVG into a PNG of twice its size. */
export async function drawPng(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { density: 72 * pixelsPerUnit })
    .png()
    .toBuffer();
}
