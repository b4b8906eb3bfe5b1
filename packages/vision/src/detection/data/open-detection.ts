import { stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import sharp from 'sharp';
import { forEachConcurrently } from '../../data/decode-image.ts';
import { listFolder } from '../../data/list-folder.ts';
import type { Annotation, AnnotationParts } from './annotation.ts';
import { checkAnnotation } from './check-annotation.ts';
import type { FoundPicture } from './check-annotation.ts';
import { findCoco } from './coco.ts';
import { CountedWarnings } from './counted-warnings.ts';
import type { AnnotatedPicture, DetectionDataset } from './detection-dataset.ts';
import { findPascalVoc } from './pascal-voc.ts';

export interface OpenDetectionOptions {
  /** Share of the pictures kept for testing where the files name neither a test nor a validation part. Default 0.2. */
  readonly testFraction?: number;
  /** Draws that share. Default 0. */
  readonly seed?: number;
}

const layouts =
  'Pascal VOC (Annotations/*.xml beside JPEGImages/, or XML beside the pictures) or COCO (annotations/*.json, or JSON ' +
  'beside the pictures), with or without train, val and test parts';

/**
 * The annotated pictures at a path, in Pascal VOC's XML or COCO's JSON, whichever layout they are in. Where there is no
 * test part, the validation part takes its place; where there is neither, a seeded share of the pictures does.
 *
 * Pictures that are missing or don't open, XML that can't be read, and boxes without area, outside their picture or of
 * a class that the training part lacks are left out and counted in `warnings`; boxes that reach over the border are cut.
 *
 * @throws InputError on a missing path, an unknown layout, a malformed JSON file, or if no training box is left.
 */
export async function openDetection(folder: string, options: OpenDetectionOptions = {}): Promise<DetectionDataset> {
  const { testFraction = 0.2, seed = 0 } = options;
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new InputError(`openDetection: testFraction must lie between 0 and 1, got ${testFraction}`);
  }
  const warnings = new CountedWarnings();
  const { notes, ...parts } = chooseParts(folder, await findAnnotations(folder, warnings), testFraction, seed);

  const found = new Map<Annotation, FoundPicture>();
  for (const part of [parts.train, parts.val, parts.test]) await findPictures(part, found, warnings);
  const usable = parts.train.filter((annotation) => found.has(annotation));
  const classes = listClasses(usable, parts.classOrder);
  const check = (annotations: readonly Annotation[]): AnnotatedPicture[] =>
    annotations.flatMap((annotation) => {
      const picture = found.get(annotation);
      return picture === undefined ? [] : [checkAnnotation(annotation, picture, classes, warnings)];
    });
  const [train, val, test] = [check(parts.train), check(parts.val), check(parts.test)];
  const lines = [...notes, ...warnings.lines()];
  for (const [name, pictures] of Object.entries({ training: train, test })) {
    if (pictures.every(({ labels }) => labels.length === 0)) {
      const why = lines.length === 0 ? '' : `: ${lines.join('; ')}`;
      throw new InputError(`${folder}: no box of the ${name} part can be used${why}`);
    }
  }
  return { name: path.basename(path.resolve(folder)), classes, train, val, test, warnings: lines };
}

/** In the folder itself, or in the only folder that it holds, as archives unpack. */
async function findAnnotations(folder: string, warnings: CountedWarnings): Promise<AnnotationParts> {
  const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new InputError(`${folder}: no such folder; expected one with ${layouts}`, { cause: error });
  });
  if (!stats.isDirectory()) throw new InputError(`${folder}: expected a folder with ${layouts}; got a file`);
  const entries = await listFolder(folder);
  const folders = entries.filter(({ isFolder }) => isFolder);
  const places = folders.length === 1 ? [folder, path.join(folder, folders[0]!.name)] : [folder];
  for (const place of places) {
    const found = (await findPascalVoc(place, warnings)) ?? (await findCoco(place, warnings));
    if (found !== undefined) return found;
  }
  const unread = warnings.lines();
  const names = entries.map(({ name }) => name);
  const what =
    names.length === 0 ? 'an empty folder' : `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
  throw new InputError(`${folder}: expected ${layouts}; found ${unread.length > 0 ? unread.join('; ') : what}`);
}

/** The parts, with a test part whatever the files name, and what was assumed for it. */
function chooseParts(folder: string, found: AnnotationParts, testFraction: number, seed: number) {
  const { train, val, test, classOrder } = found;
  if (test !== undefined) return { train, val: val ?? [], test, classOrder, notes: [] };
  if (val !== undefined) {
    const notes = [`${folder}: no test part found; the validation part takes its place`];
    return { train, val: [], test: val, classOrder, notes };
  }
  const order = createRandom(seed).fork('detection split').permutation(train.length);
  const numTest = Math.max(1, Math.round(train.length * testFraction));
  const isTest = new Uint8Array(train.length);
  for (const picture of order.subarray(0, numTest)) isTest[picture] = 1;
  return {
    train: train.filter((_, i) => isTest[i] === 0),
    val: [],
    test: train.filter((_, i) => isTest[i] === 1),
    classOrder,
    notes: [`${folder}: no test part found; ${numTest} of ${train.length} pictures kept for testing`],
  };
}

/** Finds the pictures of annotations on disk, by the first of their names that opens. */
async function findPictures(
  annotations: readonly Annotation[],
  found: Map<Annotation, FoundPicture>,
  warnings: CountedWarnings,
): Promise<void> {
  await forEachConcurrently(annotations.length, async (i) => {
    const annotation = annotations[i]!;
    const [exists] = await Promise.all(annotation.pictureFiles.map(isFile)).then((are) =>
      annotation.pictureFiles.filter((_, candidate) => are[candidate]),
    );
    if (exists === undefined) {
      warnings.add('picture', 'skipped: missing', `${annotation.source}: ${annotation.pictureFiles[0]}`);
      return;
    }
    const metadata = await sharp(exists)
      .metadata()
      .catch((error: Error) => error);
    if (metadata instanceof Error) {
      warnings.add('picture', 'skipped: undecodable', `${exists}: ${metadata.message}`);
      return;
    }
    const { width, height } = metadata;
    const claimed = `${annotation.width ?? width}×${annotation.height ?? height}`;
    if (claimed !== `${width}×${height}`) {
      warnings.add('picture', 'of another size than annotated', `${exists}: ${width}×${height}, not ${claimed}`);
    }
    found.set(annotation, { file: exists, width, height });
  });
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** The classes that occur, in the files' order, or sorted by name. */
function listClasses(annotations: readonly Annotation[], order: readonly string[] | undefined): string[] {
  const occurring = new Set(annotations.flatMap(({ objects }) => objects.flatMap(({ className }) => className ?? [])));
  return order === undefined ? [...occurring].toSorted() : order.filter((name) => occurring.has(name));
}
