import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { DOMParser, onWarningStopParsing } from '@xmldom/xmldom';
import type { Element } from '@xmldom/xmldom';
import { listFolder } from '../../data/list-folder.ts';
import type { AnnotatedObject, Annotation, AnnotationParts, Part } from './annotation.ts';
import { partOfName } from './annotation.ts';
import type { CountedWarnings } from './counted-warnings.ts';

/**
 * An annotation in Pascal VOC's XML: `annotation > filename, size, object > name, difficult, bndbox > xmin, ymin, xmax,
 * ymax`. Corners are taken as the box's edges, so that its width is xmax − xmin, as labelling tools write them (the
 * devkit of 2007 counts the last pixel too, one more).
 *
 * @param file for messages, and for the picture's name where the XML gives none.
 * @param pictureFolders where the picture may lie, likeliest first.
 * @throws InputError that names the file if it is no XML, or no such annotation.
 */
export function parseVocAnnotation(text: string, file: string, pictureFolders: readonly string[]): Annotation {
  const root = parseXml(text, file);
  if (root.tagName !== 'annotation') {
    throw new InputError(`${file}: expected the XML of Pascal VOC with the root <annotation>, got <${root.tagName}>`);
  }
  const stem = path.basename(file, path.extname(file));
  // Some tools write a whole path, of whatever machine they ran on.
  const named = textOf(root, 'filename')?.split(/[\\/]/).at(-1);
  const names = [
    ...(named === undefined ? [] : [named]),
    ...['.jpg', '.jpeg', '.png', '.JPG'].map((end) => stem + end),
  ];
  const size = childrenOf(root, 'size')[0];
  return {
    source: file,
    pictureFiles: [...new Set(pictureFolders.flatMap((folder) => names.map((name) => path.join(folder, name))))],
    width: size && positiveNumber(textOf(size, 'width')),
    height: size && positiveNumber(textOf(size, 'height')),
    objects: childrenOf(root, 'object').map((object) => readObject(object, file)),
  };
}

/**
 * The annotations of a folder in one of VOC's layouts: `Annotations/*.xml` and `JPEGImages/` with the parts listed in
 * `ImageSets/Main/{train,val,test}.txt`, or XML beside the pictures, with or without `train/`, `valid/` and `test/`
 * above them.
 *
 * @param warnings is told of XML that can't be read.
 * @returns undefined if there is no XML where it is looked for.
 */
export async function findPascalVoc(folder: string, warnings: CountedWarnings): Promise<AnnotationParts | undefined> {
  const entries = await listFolder(folder);
  const folders = entries.filter(({ isFolder }) => isFolder).map(({ name }) => name);
  const readFolder = (inside: string, pictureFolders: readonly string[]) =>
    readAnnotations(path.join(folder, inside), pictureFolders, warnings);
  const noOrder = { classOrder: undefined, warnings: [] };

  if (folders.includes('Annotations')) {
    const pictureFolders = ['JPEGImages', 'images', 'Annotations'].map((name) => path.join(folder, name));
    const all = await readFolder('Annotations', pictureFolders);
    if (all.size === 0) return undefined;
    const lists = await readImageSets(path.join(folder, 'ImageSets', 'Main'));
    const listed = (part: Part) =>
      lists.get(part)?.flatMap((stem) => {
        const annotation = all.get(stem);
        if (annotation === undefined) warnings.add('picture', `skipped: listed for ${part}, not annotated`, stem);
        return annotation ?? [];
      });
    return { train: listed('train') ?? [...all.values()], val: listed('val'), test: listed('test'), ...noOrder };
  }
  const parts = new Map<Part, readonly Annotation[]>();
  for (const name of folders) {
    const part = partOfName(name);
    if (part === undefined || parts.has(part)) continue;
    const annotations = await readFolder(name, [path.join(folder, name)]);
    if (annotations.size > 0) parts.set(part, [...annotations.values()]);
  }
  const train = parts.get('train') ?? [...(await readFolder('', [folder])).values()];
  return train.length === 0 ? undefined : { train, val: parts.get('val'), test: parts.get('test'), ...noOrder };
}

/** The XML of a folder by its name without the ending, in order. */
async function readAnnotations(
  folder: string,
  pictureFolders: readonly string[],
  warnings: CountedWarnings,
): Promise<Map<string, Annotation>> {
  const annotations = new Map<string, Annotation>();
  const names = (await readdir(folder)).filter((name) => /\.xml$/i.test(name) && !name.startsWith('.'));
  for (const name of names.toSorted()) {
    const file = path.join(folder, name);
    try {
      const annotation = parseVocAnnotation(await readFile(file, 'utf8'), file, pictureFolders);
      annotations.set(path.basename(name, path.extname(name)), annotation);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      warnings.add('annotation', 'skipped: unreadable', error.message);
    }
  }
  return annotations;
}

/** The stems that `train.txt`, `val.txt`, `test.txt` list; `trainval.txt` is the training part where there is no other. */
async function readImageSets(folder: string): Promise<Map<Part, readonly string[]>> {
  const sets = new Map<Part, readonly string[]>();
  for (const [name, part] of [
    ['train', 'train'],
    ['val', 'val'],
    ['test', 'test'],
    ['trainval', 'train'],
  ] as const) {
    if (sets.has(part)) continue;
    const text = await readFile(path.join(folder, `${name}.txt`), 'utf8').catch(() => undefined);
    // A stem a line; lists of one class have a flag behind it.
    const stems = text?.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
    if (stems !== undefined && stems.length > 0) sets.set(part, stems);
  }
  return sets;
}

function readObject(object: Element, file: string): AnnotatedObject {
  const box = childrenOf(object, 'bndbox')[0];
  if (box === undefined) throw new InputError(`${file}: expected a <bndbox> in every <object>`);
  const [left, top, right, bottom] = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => Number(textOf(box, name) ?? NaN));
  return {
    className: textOf(object, 'name'),
    left: left!,
    top: top!,
    width: right! - left!,
    height: bottom! - top!,
    isCrowd: false,
    isDifficult: textOf(object, 'difficult') === '1',
  };
}

function parseXml(text: string, file: string): Element {
  try {
    // A byte order mark is no part of the document.
    const document = new DOMParser({ onError: onWarningStopParsing }).parseFromString(
      text.replace(/^\uFEFF/, ''),
      'text/xml',
    );
    return document.documentElement!;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new InputError(`${file}: expected XML; ${reason}`, { cause: error });
  }
}

function childrenOf(element: Element, name: string): Element[] {
  return [...element.childNodes].filter((node): node is Element => node.nodeName === name);
}

/** The text of the first child of that name; undefined if there is none, or it is empty. */
function textOf(element: Element, name: string): string | undefined {
  return childrenOf(element, name)[0]?.textContent?.trim() || undefined;
}

function positiveNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return number > 0 && Number.isFinite(number) ? number : undefined;
}
