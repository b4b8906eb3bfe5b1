import { comparandTitle } from '../../results/labels.ts';
import type { Pictures, Results, Run } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';

/** Reads a file of the output folder, by its path relative to it. */
export type ReadPicture = (relativePath: string) => Promise<Uint8Array>;

/** Held-out pictures as they are, as the encoder saw them, and as each method rebuilt them. */
export async function renderPictures({ runs }: Results, readPicture: ReadPicture): Promise<Html | null> {
  const pictured = runs.flatMap((run) => run.pictures.map((pictures) => ({ run, pictures })));
  const figures = await Promise.all(pictured.map((each) => renderFigures(each, readPicture)));
  if (figures.length === 0) return null;
  return html`
    <section aria-labelledby="pictures">
      <h2 id="pictures">Pictures</h2>
      ${figures}
    </section>
  `;
}

interface PicturedRun {
  readonly run: Run;
  readonly pictures: Pictures;
}

async function renderFigures({ run, pictures }: PicturedRun, readPicture: ReadPicture): Promise<Html> {
  const figure = async (label: string, file: string): Promise<Html> => {
    const source = `data:image/png;base64,${Buffer.from(await readPicture(file)).toString('base64')}`;
    return html`<figure>
      <figcaption>${label}</figcaption>
      <img src="${source}" alt="${label}: ${pictures.numPictures} pictures" />
    </figure>`;
  };
  return html`
    <h3>${comparandTitle(run)}, ${run.method}, seed ${run.seed}</h3>
    <p class="muted">${pictures.caption}</p>
    <div class="pictures">${await Promise.all(pictures.rows.map(({ label, file }) => figure(label, file)))}</div>
  `;
}
