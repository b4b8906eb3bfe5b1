import type { Spec } from 'vega';
import { html, Html } from './html.ts';
import { compilePlot, drawSvg } from './plots/draw.ts';
import type { LegendEntry, Plot, PlotGroup } from './plots/plot.ts';
import { pageColors } from './theme.ts';

/** A plot in the page: drawn as it is, with what the page's script needs to draw it anew. */
async function renderPlot(plot: Plot): Promise<Html> {
  const still = await drawSvg(compilePlot(plot, 'still'));
  return html`
    <figure class="plot" data-plot="${plot.name}">
      <figcaption>${plot.caption}</figcaption>
      ${renderLegend(plot.legend)}
      <div class="drawing" role="img" aria-label="${plot.description}">${new Html(hideSvg(still))}</div>
      <script type="application/json">
        ${embedJson(compilePlot(plot, 'page'))}
      </script>
    </figure>
  `;
}

/** Plots beside each other, as many as there is room for. */
export async function renderPlots(plots: readonly Plot[], columns: 'narrow' | 'wide' = 'narrow'): Promise<Html> {
  const figures: Html[] = [];
  for (const plot of plots) figures.push(await renderPlot(plot));
  return html`<div class="plots ${columns}">${figures}</div>`;
}

/** Groups of plots, each under its heading. */
export async function renderPlotGroups(
  groups: readonly PlotGroup[],
  columns: 'narrow' | 'wide' = 'narrow',
): Promise<Html[]> {
  const rendered: Html[] = [];
  for (const { heading, about, plots } of groups) {
    rendered.push(
      html`<h3>${heading}</h3>
        ${about === undefined ? null : html`<p class="about">${about}</p>`} ${await renderPlots(plots, columns)}`,
    );
  }
  return rendered;
}

function renderLegend(legend: readonly LegendEntry[]): Html | null {
  if (legend.length === 0) return null;
  return html`<ul class="legend">
    ${legend.map(
      ({ label, color, dash }) =>
        html`<li>
          <svg width="22" height="8" aria-hidden="true">
            <line
              x1="1"
              y1="4"
              x2="21"
              y2="4"
              stroke="${pageColors[color]}"
              stroke-width="2.5"
              stroke-dasharray="${dash.join(' ')}"
            /></svg
          >${label}
        </li>`,
    )}
  </ul>`;
}

/** The description beside it stands for the whole drawing. */
function hideSvg(svg: string): string {
  return renameClips(svg).replace('<svg ', '<svg aria-hidden="true" ');
}

/**
 * Vega numbers the clips of all drawings of a process, here as in the page, where the script's own drawings would
 * otherwise be clipped by the first still one of that number.
 */
function renameClips(svg: string): string {
  return svg.replaceAll(/(id="|url\(#)clip(?=\d)/g, '$1still-clip');
}

/** JSON that no HTML parser takes for the end of its element. */
function embedJson(specification: Spec): Html {
  return new Html(JSON.stringify(specification).replaceAll('<', String.raw`\u003c`));
}
