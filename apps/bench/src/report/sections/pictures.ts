import sharp from 'sharp';
import { groupBy } from '../../results/group-by.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Pictures, Results } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';
import {
  captionOf,
  groupPictures,
  readRows,
  type PicturedRuns,
  type PictureRow,
  type ReadPicture,
} from '../picture-rows.ts';
import type { Section } from '../section.ts';

const kindTitles: Readonly<Record<Pictures['kind'], string>> = {
  reconstruction: 'Reconstructions',
  features: 'Feature maps',
  'heat-figure': 'Where the heat goes',
  detections: 'Detections',
};

/** The pictures of the first seed, by kind and comparison. */
export async function picturesSection(results: Results, readPicture: ReadPicture): Promise<Section | null> {
  const groups = groupPictures(results);
  if (groups.length === 0) return null;
  const body: Html[] = [];
  for (const ofKind of groupBy(groups, ([{ pictures }]) => pictures.kind)) {
    body.push(html`<h3>${kindTitles[ofKind[0][0].pictures.kind]}</h3>`);
    for (const group of ofKind) body.push(await renderGroup(group, captionOf(group, results), readPicture));
  }
  return {
    id: 'pictures',
    title: 'Pictures',
    about: 'Of the first seed; those of the others lie beside this page, in the folder runs.',
    body,
  };
}

/** The rows of all methods under each other. */
async function renderGroup(group: PicturedRuns, caption: string, readPicture: ReadPicture): Promise<Html> {
  const [{ run, pictures }] = group;
  const figures: Html[] = [];
  for (const row of await readRows(group, readPicture)) figures.push(await renderRow(row, pictures));
  return html`
    <figure class="pictures">
      <figcaption><strong>${comparandTitle(run)}</strong>, seed ${run.seed}. ${caption}</figcaption>
      ${figures}
    </figure>
  `;
}

/** Large and full of noise; of the others every pixel counts. The files beside the page keep every pixel of all. */
const photoKinds: ReadonlySet<Pictures['kind']> = new Set(['detections', 'heat-figure']);

/** No picture is drawn larger than this many times its own size. */
const largestScale = 3;

async function renderRow({ label, png }: PictureRow, { numPictures, kind }: Pictures): Promise<Html> {
  const { width, height } = await sharp(png).metadata();
  const embedded = await sharp(png)
    .webp(photoKinds.has(kind) ? { quality: 90 } : { lossless: true })
    .toBuffer();
  const source = `data:image/webp;base64,${embedded.toString('base64')}`;
  const alternative = `${label}: ${numPictures} ${numPictures === 1 ? 'picture' : 'pictures'} (${kindTitles[kind].toLowerCase()})`;
  return html`<div class="row">
    <span>${label}</span>
    <img
      src="${source}"
      alt="${alternative}"
      width="${width}"
      height="${height}"
      style="max-width: min(100%, ${largestScale * width}px)"
    />
  </div>`;
}
