import type { Results } from '../results/schema.ts';
import { stampsOf } from '../results/stamps.ts';
import { Html, html } from './html.ts';
import { renderDifferences } from './sections/differences.ts';
import { renderLossCurves } from './sections/loss-curves.ts';
import { renderMeasurements } from './sections/measurements.ts';
import { renderPictures, type ReadPicture } from './sections/pictures.ts';
import { renderProvenance } from './sections/provenance.ts';
import { renderSummary } from './sections/summary.ts';
import { style } from './style.ts';

/**
 * The report as one HTML page that needs nothing else: styles, charts and pictures are inside.
 *
 * @param readPicture reads the pictures that the runs name.
 */
export async function renderReport(results: Results, readPicture: ReadPicture): Promise<string> {
  const stamps = stampsOf(results);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>QB-Heat: linear prediction of features against [MASK]</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>Linear prediction of features against [MASK]</h1>
          <p>
            An encoder is pre-trained to rebuild what it does not see. What varies is only what a masked position gets
            before the decoder: features predicted by one learned linear map (QB-Heat), interpolated ones, or a mask
            token.
          </p>
          ${
            stamps.length === 0
              ? null
              : html`<ul class="stamps" aria-label="Take note">
                  ${stamps.map((stamp) => html`<li>${stamp}</li>`)}
                </ul>`
          }
          ${results.runs.length === 0 ? null : renderSummary(results)} ${renderDifferences(results)}
          ${await renderLossCurves(results)} ${await renderPictures(results, readPicture)}
          ${renderMeasurements('operators', 'Operators', 'Cost of the extrapolations and fills beside a bare matrix product of the same size.', results.operators)}
          ${renderMeasurements('engine', 'Engine', 'The same training steps by backend and number of threads, peers included.', results.engine)}
          ${renderProvenance(results)}
        </main>
      </body>
    </html> `;
  return page.markup;
}
