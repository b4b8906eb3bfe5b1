import { createHash } from 'node:crypto';
import { groupBy } from '../results/group-by.ts';
import { comparandKey } from '../results/groups.ts';
import type { Pictures, Results, Run } from '../results/schema.ts';

/** Reads a file of the output folder, by its path relative to it. */
export type ReadPicture = (relativePath: string) => Promise<Uint8Array>;

interface PicturedRun {
  readonly run: Run;
  readonly pictures: Pictures;
}

/** Runs of one comparison and seed with their pictures of one kind; they are of the same things. */
export type PicturedRuns = readonly [PicturedRun, ...PicturedRun[]];

/** A row of pictures, as PNG. */
export interface PictureRow {
  readonly label: string;
  readonly png: Uint8Array;
}

/** The pictures of each comparison's first seed, by kind. */
export function groupPictures({ runs }: Pick<Results, 'runs'>): PicturedRuns[] {
  const pictured = runs.flatMap((run) => run.pictures.map((pictures): PicturedRun => ({ run, pictures })));
  return groupBy(pictured, ({ run, pictures }) => `${pictures.kind}\n${comparandKey(run)}`).map((group) => {
    const firstSeed = Math.min(...group.map(({ run }) => run.seed));
    return group.filter(({ run }) => run.seed === firstSeed) as [PicturedRun, ...PicturedRun[]];
  });
}

/** What the pictures of a group are, and what of them is not the model's work. */
export function captionOf([{ pictures }]: PicturedRuns, { configuration }: Pick<Results, 'configuration'>): string {
  if (pictures.kind !== 'reconstruction' || targetOf(configuration) !== 'normalized-patches') return pictures.caption;
  return `${pictures.caption} What is learned is each patch less its mean and over its deviation; to be looked at, a prediction is given those of the true patch, so its color and brightness are not predicted.`;
}

function targetOf({ experiments }: Results['configuration']): string | undefined {
  const { vision } = (experiments ?? {}) as { vision?: { model?: { target?: string } } };
  return vision?.model?.target;
}

/** The rows of all methods of a group; those that are the same for all, such as the originals, once. */
export async function readRows(group: PicturedRuns, readPicture: ReadPicture): Promise<PictureRow[]> {
  const rows = [];
  for (const { run, pictures } of group) {
    for (const { label, file } of pictures.rows) {
      const png = await readPicture(file);
      const name = nameRow(run.method, pictures.kind, label);
      rows.push({ label, name, png, digest: createHash('sha256').update(png).digest('hex') });
    }
  }
  return groupBy(rows, ({ label, digest }) => `${label} ${digest}`).map((same) => {
    const [{ label, name, png }] = same;
    const isOfAll = same.length === group.length && (group.length > 1 || label !== group[0].pictures.kind);
    return { label: isOfAll ? label : name, png };
  });
}

/** `linear`, where a method has one row of its own; `linear, features` where it has more, or the row says more. */
function nameRow(method: string, kind: Pictures['kind'], label: string): string {
  return label === kind || label === method ? method : `${method}, ${label}`;
}
