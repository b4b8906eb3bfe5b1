import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { z } from 'zod';
import { listFolder } from '../../data/list-folder.ts';
import type { AnnotatedObject, Annotation, AnnotationParts, Part } from './annotation.ts';
import { partOfName } from './annotation.ts';
import type { CountedWarnings } from './counted-warnings.ts';

const id = z.union([z.number(), z.string()]);

const cocoSchema = z.object({
  images: z.array(
    z.object({ id, file_name: z.string().min(1), width: z.unknown().optional(), height: z.unknown().optional() }),
  ),
  annotations: z.array(z.unknown()),
  categories: z.array(z.object({ id, name: z.string() })),
});

const annotationSchema = z.object({
  image_id: id,
  category_id: id,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  iscrowd: z.unknown().optional(),
});

/** What a file in COCO's format holds. */
export interface CocoFile {
  /** In the order of the images; an image without boxes has an annotation too. */
  readonly annotations: readonly Annotation[];
  /** Names of the categories in the order of the file. */
  readonly classes: readonly string[];
}

/**
 * The object detection format of COCO: `images` (id, file_name, width, height), `annotations` (image_id, category_id,
 * bbox as left, top, width, height in pixels, iscrowd) and `categories` (id, name).
 *
 * @param file for messages.
 * @param pictureFolders where the pictures may lie, likeliest first.
 * @param warnings is told of single annotations that are malformed or belong to no image; they are skipped.
 * @throws InputError that names the file if it is no JSON, or not of this format.
 */
export function parseCoco(
  text: string,
  file: string,
  pictureFolders: readonly string[],
  warnings: CountedWarnings,
): CocoFile {
  const result = cocoSchema.safeParse(parseJson(text, file));
  if (!result.success) {
    const { path: place, message } = result.error.issues[0]!;
    const where = place.length === 0 ? '' : ` at ${place.join('.')}`;
    throw new InputError(
      `${file}: expected COCO's format, an object of images, annotations and categories; ${message}${where}`,
    );
  }
  const { images, annotations, categories } = result.data;
  const classNames = new Map(categories.map((category) => [category.id, category.name]));
  const objects = new Map<string | number, AnnotatedObject[]>(images.map((image) => [image.id, []]));
  annotations.forEach((value, index) => {
    const example = `${file}: annotations.${index}`;
    const annotation = annotationSchema.safeParse(value);
    if (!annotation.success) {
      const { path: place, message } = annotation.error.issues[0]!;
      warnings.add('box', 'skipped: malformed', `${example}: ${[...place, message].join(' ')}`);
      return;
    }
    const { image_id: imageId, category_id: categoryId, bbox, iscrowd } = annotation.data;
    const [left, top, width, height] = bbox;
    const isCrowd = iscrowd === 1 || iscrowd === true;
    const object = { className: classNames.get(categoryId), left, top, width, height, isCrowd, isDifficult: false };
    const ofImage = objects.get(imageId);
    if (ofImage === undefined) warnings.add('box', 'skipped: of an image that is not listed', example);
    else ofImage.push(object);
  });
  return {
    classes: [...new Set(classNames.values())],
    annotations: images.map((image) => ({
      source: `${file}: image ${image.id}`,
      pictureFiles: pictureFolders.map((folder) => path.join(folder, image.file_name)),
      width: positiveNumber(image.width),
      height: positiveNumber(image.height),
      objects: objects.get(image.id)!,
    })),
  };
}

/**
 * The annotations of a folder in one of COCO's layouts: `annotations/*.json` with the pictures in folders named as the
 * files are (`instances_train2017.json`, `train2017/`), or JSON beside the pictures, with or without `train/`, `valid/`
 * and `test/` above them. Which part a file holds is read from its name, or its folder's; a single file that doesn't
 * say is the training part.
 *
 * @param warnings is told of annotations that are skipped.
 * @returns undefined if there is no JSON where it is looked for.
 * @throws InputError if a file can't be read, or two claim the same part.
 */
export async function findCoco(folder: string, warnings: CountedWarnings): Promise<AnnotationParts | undefined> {
  const found = await findFiles(folder);
  if (found.size === 0) return undefined;
  const parts = new Map<Part, readonly Annotation[]>();
  const classes = new Set<string>();
  for (const part of ['train', 'val', 'test'] as const) {
    const file = found.get(part);
    if (file === undefined) continue;
    const coco = parseCoco(await readFile(file, 'utf8'), file, pictureFoldersOf(file, folder, part), warnings);
    parts.set(part, coco.annotations);
    for (const name of coco.classes) classes.add(name);
  }
  const train = parts.get('train');
  if (train === undefined) {
    throw new InputError(
      `${folder}: expected COCO annotations of a training part; found only ${[...found.values()].join(', ')}`,
    );
  }
  return { train, val: parts.get('val'), test: parts.get('test'), classOrder: [...classes], warnings: [] };
}

/** The JSON file of each part. */
async function findFiles(folder: string): Promise<Map<Part, string>> {
  const files = new Map<Part | 'unnamed', string[]>();
  const entries = await listFolder(folder);
  const places = entries.filter(
    ({ name, isFolder }) => isFolder && (name === 'annotations' || partOfName(name) !== undefined),
  );
  for (const place of ['', ...places.map(({ name }) => name)]) {
    const inside = place === '' ? entries : await listFolder(path.join(folder, place));
    for (const { name } of inside.filter((entry) => !entry.isFolder && /\.json$/i.test(entry.name))) {
      const part = partOfName(name) ?? partOfName(place) ?? 'unnamed';
      files.set(part, [...(files.get(part) ?? []), path.join(folder, place, name)]);
    }
  }
  const chosen = new Map<Part, string>();
  for (const [part, candidates] of files) {
    // COCO keeps captions and keypoints of the same pictures beside the boxes.
    const instances = candidates.filter((file) => path.basename(file).startsWith('instances'));
    const [file, other] = instances.length > 0 ? instances : candidates;
    if (part === 'unnamed' && files.size > 1) continue;
    if (other !== undefined) {
      throw new InputError(
        `${folder}: expected one JSON file for each part; found ${candidates.toSorted().join(', ')}`,
      );
    }
    chosen.set(part === 'unnamed' ? 'train' : part, file!);
  }
  return chosen;
}

/** Where the pictures of a file of annotations may lie: beside it, or in a folder of its name or its part's. */
function pictureFoldersOf(file: string, root: string, part: Part): string[] {
  const name = path.basename(file, path.extname(file)).split('_').at(-1)!;
  const below = [name, part, path.join('images', name), path.join('images', part), 'images', ''];
  return [path.dirname(file), ...below.map((folder) => path.join(root, folder))];
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: expected JSON; ${(error as Error).message}`, { cause: error });
  }
}

function positiveNumber(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
}
