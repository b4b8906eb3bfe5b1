import { formatCount } from '../results/format.ts';
import type { Results } from '../results/schema.ts';
import { stampsOf } from '../results/stamps.ts';
import { readPageAssets, type PageAssets } from './assets.ts';
import { Html, html } from './html.ts';
import type { ReadPicture } from './picture-rows.ts';
import { renderContents, renderSection, type Section } from './section.ts';
import { answerSection } from './sections/answer.ts';
import { compareSection } from './sections/compare.ts';
import { costSection } from './sections/cost.ts';
import { differencesSection } from './sections/differences.ts';
import { engineSection, operatorsSection } from './sections/measurements.ts';
import { picturesSection } from './sections/pictures.ts';
import { diagnosticsSection, distanceSection, lossSection, probesSection } from './sections/plots.ts';
import { provenanceSection } from './sections/provenance.ts';
import { resultsSection } from './sections/results.ts';
import { colorStyle } from './theme.ts';

/**
 * The report as one HTML page that needs nothing else: styles, scripts, plots and pictures are inside, and its security
 * policy lets nothing be fetched.
 *
 * @param readPicture reads the pictures that the runs name.
 */
export async function renderReport(results: Results, readPicture: ReadPicture): Promise<string> {
  const sections = [
    answerSection(results),
    await compareSection(results),
    resultsSection(results),
    await probesSection(results),
    differencesSection(results),
    await lossSection(results),
    await distanceSection(results),
    await picturesSection(results, readPicture),
    await diagnosticsSection(results),
    costSection(results),
    await operatorsSection(results),
    await engineSection(results),
    provenanceSection(results),
  ].filter((section) => section !== null);
  return renderPage(results, sections, await readPageAssets()).markup;
}

/** Nothing but what is in the page. */
const securityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

function renderPage(results: Results, sections: readonly Section[], assets: PageAssets): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${securityPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>QB-Heat: linear prediction of features against [MASK]</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Html(colorStyle())}${new Html(assets.style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${renderHeader(results)}
        <div class="page">
          ${renderContents(sections)}
          <main id="main" tabindex="-1">${sections.map(renderSection)}</main>
        </div>
        <footer>
          <p>
            Made by qb-heat from <code>results.json</code>. The method: Self-Supervised Learning based on Heat Equation,
            arXiv 2211.13228.
          </p>
        </footer>
        <script>
          ${new Html(assets.script)};
        </script>
      </body>
    </html> `;
}

function renderHeader(results: Results): Html {
  const stamps = stampsOf(results);
  const numSeeds = new Set(results.runs.map(({ seed }) => seed)).size;
  const preset = results.configuration['preset'];
  const facts = [
    ...(typeof preset === 'string' ? [`preset ${preset}`] : []),
    ...(results.runs.length === 0 ? [] : [formatCount(results.runs.length, 'run'), formatCount(numSeeds, 'seed')]),
    `backend ${results.backend.name}`,
    results.createdAt.slice(0, 10),
  ];
  return html`
    <header>
      <p class="name">QB-Heat</p>
      <h1>Linear prediction of features against [MASK]</h1>
      <p class="intro">
        An encoder is pre-trained to predict what it does not see. What varies is only what a masked place gets before
        the decoder: features predicted by one learned linear map, or interpolated ones, or a mask token.
      </p>
      <p class="facts-line">${facts.join(' · ')}</p>
      ${
        stamps.length === 0
          ? null
          : html`<ul class="stamps" aria-label="Take note">
              ${stamps.map((stamp) => html`<li>${stamp}</li>`)}
            </ul>`
      }
    </header>
  `;
}
