import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import { decodeImage, forEachConcurrently } from './decode-image.ts';
import { imageSize } from './image-dataset.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
import { listFolder, type FolderEntry } from './list-folder.ts';
import { chooseStratified } from './stratified-split.ts';

const pictureFile = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;
const trainFolders = new Set(['train', 'training']);
const testFolders = new Set(['test', 'val', 'valid', 'validation']);

/** The most pixels of a set held in memory, in bytes. */
const MAX_BYTES = 8 * 2 ** 30;

/** Pictures of a folder by class, before any is opened. */
export interface ImageFolder {
  readonly classes: readonly string[];
  readonly train: FolderPart;
  readonly test: FolderPart | undefined;
  readonly warnings: readonly string[];
}

interface FolderPart {
  readonly files: readonly string[];
  readonly labels: Int32Array;
}

/**
 * The pictures of a folder by class: `CLASS/*.jpg`, or `train/CLASS/*.jpg` beside `test/CLASS/*.jpg` (also named
 * `val`). Pictures that lie in the folder itself, or in `train/` and `test/`, without classes, make one class named after
 * the folder. A test part without the classes that the training part has is left out. Links are followed.
 *
 * @returns undefined if there is no picture where it is looked for.
 * @throws InputError if the test part has a class that the training part lacks.
 */
export async function findImageFolder(folder: string): Promise<ImageFolder | undefined> {
  const entries = await listFolder(folder);
  const folders = entries.filter(({ isFolder }) => isFolder).map(({ name }) => name);
  const [trainFolder, testFolder] = [trainFolders, testFolders].map((names) =>
    folders.find((name) => names.has(name.toLowerCase())),
  );
  const name = path.basename(path.resolve(folder));
  const train = await findClasses(trainFolder === undefined ? folder : path.join(folder, trainFolder));
  const classes = train.isLoose ? [name] : [...train.files.keys()];
  if (classes.length === 0) return undefined;

  const warnings: string[] = [];
  if (classes.length === 1) {
    warnings.push(`${folder}: all pictures are of one class ("${classes[0]}"), so probes have nothing to tell apart`);
  }
  const numLoose = train.numLoose + (trainFolder === undefined ? 0 : entries.filter(isPicture).length);
  if (numLoose > 0) warnings.push(`${folder}: ${count(numLoose, 'picture')} beside the class folders left out`);

  let test: FolderPart | undefined;
  if (trainFolder !== undefined && testFolder !== undefined) {
    const place = path.join(folder, testFolder);
    const found = await findClasses(place);
    if (found.isLoose && !train.isLoose) {
      warnings.push(`${place}: ${count(countFiles(found), 'picture')} without a folder of their class left out`);
    } else {
      const unknown = [...found.files.keys()].find((label) => !train.files.has(label));
      if (unknown !== undefined) {
        throw new InputError(
          `${path.join(place, unknown)}: expected a class of the training part (${listNames(classes)})`,
        );
      }
      if (found.files.size > 0) test = toPart(found, classes);
    }
  }
  return { classes, train: toPart(train, classes), test, warnings };
}

/**
 * Decodes the pictures of one part of a folder.
 *
 * @param limit the most pictures to take, classes in equal shares; all of them if undefined.
 * @returns the images that decode, and what was skipped or simplified, counted. Their order is drawn from the seed, so
 * that the first few are pictures of all classes.
 * @throws InputError if none decodes or they don't fit in memory.
 */
export async function readFolderPart(
  part: FolderPart,
  shape: ImageShape,
  limit: number | undefined,
  seed: number,
): Promise<{ split: ImageSplit; warnings: string[] }> {
  const all = limit === undefined ? Int32Array.from(part.labels.keys()) : chooseStratified(part.labels, limit, seed);
  const chosen = createRandom(seed).fork('order').shuffle(all);
  const size = imageSize(shape);
  if (chosen.length * size > MAX_BYTES) {
    throw new InputError(
      `${path.dirname(part.files[0]!)}: ${chosen.length} pictures of ${shape.height}×${shape.width} take ` +
        `${(chosen.length * size) / 2 ** 30} GiB; set a limit or a smaller size to stay below ${MAX_BYTES / 2 ** 30} GiB`,
    );
  }
  const images = new Uint8Array(chosen.length * size);
  const isKept: boolean[] = Array.from({ length: chosen.length }, () => false);
  const skipped = new Map<string, string[]>();
  const note = (why: string, example: string) => skipped.set(why, [...(skipped.get(why) ?? []), example]);
  await forEachConcurrently(chosen.length, async (i) => {
    const file = part.files[chosen[i]!]!;
    const decoded = await decodeImage(file, shape);
    if ('pixels' in decoded) {
      images.set(decoded.pixels, i * size);
      isKept[i] = true;
      if (decoded.isAnimated) note('animated: only the first frame is used', file);
    } else {
      note(`skipped: ${decoded.skipped}`, `${file}: ${decoded.reason}`);
    }
  });
  const kept = chosen.filter((_, i) => isKept[i]);
  if (kept.length === 0) {
    const [why, examples] = [...skipped][0]!;
    throw new InputError(`${examples[0]}: none of ${chosen.length} pictures can be used (${why})`);
  }
  // Close the gaps that skipped pictures left; copyWithin moves towards the front only, so nothing is overwritten early.
  let to = 0;
  isKept.forEach((keep, from) => {
    if (keep) images.copyWithin(size * to++, size * from, size * (from + 1));
  });
  return {
    split: { images: images.subarray(0, kept.length * size), labels: kept.map((item) => part.labels[item]!) },
    warnings: [...skipped.keys()].toSorted().map((why) => {
      const examples = skipped.get(why)!;
      return `${count(examples.length, 'picture')} ${why} (first: ${examples.toSorted()[0]})`;
    }),
  };
}

interface FoundClasses {
  /** Files of each class, classes and files in the order of their names; loose ones under an empty name. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** Whether the pictures lie in the folder itself, without classes. */
  readonly isLoose: boolean;
  /** Pictures beside the folders of classes. */
  readonly numLoose: number;
}

async function findClasses(folder: string): Promise<FoundClasses> {
  const files = new Map<string, string[]>();
  const entries = await listFolder(folder);
  const loose = entries.filter(isPicture).map(({ name }) => path.join(folder, name));
  for (const { name } of entries.filter(({ isFolder }) => isFolder)) {
    const pictures = await findPictures(path.join(folder, name));
    if (pictures.length > 0) files.set(name, pictures.toSorted());
  }
  if (files.size > 0 || loose.length === 0) return { files, isLoose: false, numLoose: loose.length };
  return { files: new Map([['', loose]]), isLoose: true, numLoose: 0 };
}

/** Pictures at any depth; a link to one of the folders above is not gone into again. */
async function findPictures(folder: string, above: readonly string[] = []): Promise<string[]> {
  const place = await realpath(folder);
  if (above.includes(place)) return [];
  const pictures: string[] = [];
  for (const entry of await listFolder(folder)) {
    const inside = path.join(folder, entry.name);
    if (entry.isFolder) pictures.push(...(await findPictures(inside, [...above, place])));
    else if (isPicture(entry)) pictures.push(inside);
  }
  return pictures;
}

function toPart({ files, isLoose }: FoundClasses, classes: readonly string[]): FolderPart {
  const labels = [...files].flatMap(([name, members]) => members.map(() => (isLoose ? 0 : classes.indexOf(name))));
  return { files: [...files.values()].flat(), labels: Int32Array.from(labels) };
}

function countFiles({ files }: FoundClasses): number {
  return [...files.values()].reduce((sum, members) => sum + members.length, 0);
}

function isPicture({ name, isFolder }: FolderEntry): boolean {
  return !isFolder && pictureFile.test(name);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function listNames(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}
