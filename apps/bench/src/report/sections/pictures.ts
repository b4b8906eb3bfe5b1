import { groupBy } from '../../results/group-by.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Pictures, Results, Run } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';

/** Reads a file of the output folder, by its path relative to it. */
export type ReadPicture = (relativePath: string) => Promise<Uint8Array>;

/** Held-out pictures as they are, as the encoder saw them, and as each method rebuilt them. */
export async function renderPictures({ runs }: Results, readPicture: ReadPicture): Promise<Html | null> {
  const withPictures = runs.flatMap((run) => (run.pictures === null ? [] : [{ run, pictures: run.pictures }]));
  const groups = groupBy(withPictures, ({ run }) => `${run.suite} ${run.masking} ${run.seed}`);
  const figures = await Promise.all(groups.map((group) => renderGroup(group, readPicture)));
  if (figures.length === 0) return null;
  return html`
    <section aria-labelledby="pictures">
      <h2 id="pictures">Reconstructions</h2>
      <p class="muted">
        Held-out pictures. The visible part is copied into each reconstruction; the rest is predicted.
      </p>
      ${figures}
    </section>
  `;
}

interface PicturedRun {
  readonly run: Run;
  readonly pictures: Pictures;
}

async function renderGroup(group: readonly [PicturedRun, ...PicturedRun[]], readPicture: ReadPicture): Promise<Html> {
  const [first] = group;
  const figure = async (label: string, file: string): Promise<Html> => {
    const source = `data:image/png;base64,${Buffer.from(await readPicture(file)).toString('base64')}`;
    return html`<figure>
      <figcaption>${label}</figcaption>
      <img src="${source}" alt="${label}: ${first.pictures.numPictures} pictures" />
    </figure>`;
  };
  return html`
    <h3>${comparandTitle(first.run)}, seed ${first.run.seed}</h3>
    <div class="pictures">
      ${await figure('original', first.pictures.original)} ${await figure('visible', first.pictures.visible)}
      ${await Promise.all(group.map(({ run, pictures }) => figure(run.method, pictures.reconstruction)))}
    </div>
  `;
}
