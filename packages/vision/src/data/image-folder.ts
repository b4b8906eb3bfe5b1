import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { decodeImage, forEachConcurrently } from './decode-image.ts';
import { imageSize } from './image-dataset.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
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
 * `val`). Pictures that lie in the folder itself, without classes, make one class named after it.
 *
 * @returns undefined if there is no picture where it is looked for.
 * @throws InputError if the test part has a class that the training part lacks.
 */
export async function findImageFolder(folder: string): Promise<ImageFolder | undefined> {
  const entries = await sortedEntries(folder);
  const folders = entries.filter(isFolder).map((entry) => entry.name);
  const trainFolder = folders.find((name) => trainFolders.has(name.toLowerCase()));
  const testFolder = folders.find((name) => testFolders.has(name.toLowerCase()));
  const train = await findClasses(trainFolder === undefined ? folder : path.join(folder, trainFolder));
  if (train.size === 0) return undefined;

  const classes = [...train.keys()];
  const warnings: string[] = [];
  if (classes.length === 1) {
    warnings.push(`${folder}: all pictures are of one class ("${classes[0]}"), so probes have nothing to tell apart`);
  }
  const loose = entries.filter(isPicture).length;
  if (loose > 0 && folders.some((name) => classes.includes(name) || name === trainFolder)) {
    warnings.push(`${folder}: ${count(loose, 'picture')} beside the class folders left out`);
  }
  let test: FolderPart | undefined;
  if (trainFolder !== undefined && testFolder !== undefined) {
    const testClasses = await findClasses(path.join(folder, testFolder));
    const unknown = [...testClasses.keys()].find((name) => !train.has(name));
    if (unknown !== undefined) {
      throw new InputError(
        `${path.join(folder, testFolder, unknown)}: expected a class of the training part (${listNames(classes)})`,
      );
    }
    if (testClasses.size > 0) test = toPart(testClasses, classes);
  }
  return { classes, train: toPart(train, classes), test, warnings };
}

/**
 * Decodes the pictures of one part of a folder.
 *
 * @param limit the most pictures to take, classes in equal shares; all of them if undefined.
 * @returns the images that decode, in the order of their paths, and what was skipped or simplified, counted.
 * @throws InputError if none decodes or they don't fit in memory.
 */
export async function readFolderPart(
  part: FolderPart,
  shape: ImageShape,
  limit: number | undefined,
  seed: number,
): Promise<{ split: ImageSplit; warnings: string[] }> {
  const chosen = limit === undefined ? Int32Array.from(part.labels.keys()) : chooseStratified(part.labels, limit, seed);
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
    warnings: [...skipped].map(
      ([why, examples]) => `${count(examples.length, 'picture')} ${why} (first: ${examples.toSorted()[0]})`,
    ),
  };
}

/** Files of each class below a folder, classes and files in the order of their names. */
async function findClasses(folder: string): Promise<Map<string, string[]>> {
  const classes = new Map<string, string[]>();
  const entries = await sortedEntries(folder);
  for (const entry of entries.filter(isFolder)) {
    const files = await findPictures(path.join(folder, entry.name));
    if (files.length > 0) classes.set(entry.name, files);
  }
  if (classes.size > 0) return classes;
  const loose = entries.filter(isPicture).map((entry) => path.join(folder, entry.name));
  return loose.length > 0 ? new Map([[path.basename(path.resolve(folder)), loose]]) : classes;
}

async function findPictures(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(isPicture)
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

async function sortedEntries(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => !entry.name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function toPart(files: ReadonlyMap<string, readonly string[]>, classes: readonly string[]): FolderPart {
  const all = [...files.values()].flat();
  const labels = [...files].flatMap(([name, members]) => members.map(() => classes.indexOf(name)));
  return { files: all, labels: Int32Array.from(labels) };
}

function isFolder(entry: Dirent): boolean {
  return entry.isDirectory();
}

function isPicture(entry: Dirent): boolean {
  return !entry.isDirectory() && pictureFile.test(entry.name) && !entry.name.startsWith('.');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function listNames(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}
