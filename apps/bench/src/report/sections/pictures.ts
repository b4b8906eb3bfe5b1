import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { groupBy } from '../../results/group-by.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Pictures, Results, Run } from '../../results/schema.ts';
import { comparandKey } from '../../results/groups.ts';
import { html, type Html } from '../html.ts';
import type { Section } from '../section.ts';

/** Reads a file of the output folder, by its path relative to it. */
export type ReadPicture = (relativePath: string) => Promise<Uint8Array>;

interface PicturedRun {
  readonly run: Run;
  readonly pictures: Pictures;
}

interface PictureRow extends PicturedRun {
  readonly label: string;
  readonly png: Uint8Array;
  readonly digest: string;
}

const kindTitles: Readonly<Record<Pictures['kind'], string>> = {
  reconstruction: 'Reconstructions',
  features: 'Feature maps',
  'heat-figure': 'Where the heat goes',
  detections: 'Detections',
};

/** The pictures of the first seed, by kind and comparison. */
export async function picturesSection({ runs }: Results, readPicture: ReadPicture): Promise<Section | null> {
  const pictured = runs.flatMap((run) => run.pictures.map((pictures): PicturedRun => ({ run, pictures })));
  if (pictured.length === 0) return null;
  const body: Html[] = [];
  for (const ofKind of groupBy(pictured, ({ pictures }) => pictures.kind)) {
    body.push(html`<h3>${kindTitles[ofKind[0].pictures.kind]}</h3>`);
    for (const ofComparand of groupBy(ofKind, ({ run }) => comparandKey(run))) {
      const [firstSeed] = groupBy(
        ofComparand.toSorted((a, b) => a.run.seed - b.run.seed),
        ({ run }) => String(run.seed),
      );
      if (firstSeed !== undefined) body.push(await renderGroup(firstSeed, readPicture));
    }
  }
  return {
    id: 'pictures',
    title: 'Pictures',
    about: 'Of the first seed; those of the others lie beside this page, in the folder runs.',
    body,
  };
}

/** The rows of all methods under each other; those that are the same for all, such as the originals, once. */
async function renderGroup(group: readonly [PicturedRun, ...PicturedRun[]], readPicture: ReadPicture): Promise<Html> {
  const [{ run, pictures }] = group;
  const rows: PictureRow[] = [];
  for (const each of group) {
    for (const { label, file } of each.pictures.rows) {
      const png = await readPicture(file);
      rows.push({ ...each, label, png, digest: createHash('sha256').update(png).digest('hex') });
    }
  }
  const figures: Html[] = [];
  for (const same of groupBy(rows, ({ label, digest }) => `${label} ${digest}`)) {
    const isOfAll = group.length > 1 && same.length === group.length;
    figures.push(await renderRow(isOfAll ? same[0].label : nameRow(same[0]), same[0]));
  }
  return html`
    <figure class="pictures">
      <figcaption><strong>${comparandTitle(run)}</strong>, seed ${run.seed}. ${pictures.caption}</figcaption>
      ${figures}
    </figure>
  `;
}

/** `linear`, where a method has one row of its own; `linear, features` where it has more, or the row says more. */
function nameRow({ run: { method }, pictures: { kind }, label }: PictureRow): string {
  return label === kind || label === method ? method : `${method}, ${label}`;
}

/** No picture is drawn larger than this many times its own size. */
const largestScale = 3;

async function renderRow(label: string, { pictures: { numPictures, kind }, png }: PictureRow): Promise<Html> {
  const { width, height } = await sharp(png).metadata();
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
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
