import { InputError } from '@qb-heat/core';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TextFormat } from './rows.ts';

export interface TextFile {
  readonly path: string;
  readonly format: TextFormat;
}

/** Which files of a path to read for what. */
export interface TextLayout {
  readonly name: string;
  readonly train: readonly TextFile[];
  /** Empty when a part of the training texts has to serve. */
  readonly test: readonly TextFile[];
  /** A file with one class name a line, in the order of the labels. */
  readonly classes: string | undefined;
  /** What was decided that a user might not expect. */
  readonly notes: readonly string[];
}

const formats: Readonly<Record<string, TextFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  label: 'label',
  txt: 'plain',
  text: 'plain',
};
const expected = `a .csv, .tsv, .txt or .label file (plain or .gz), or a folder of them with train and test in their names`;

/**
 * Recognizes a text file, or a folder with files for training and testing, by names and endings. Of a folder without
 * training file the validation file trains; without test file the validation file tests, else nothing does.
 *
 * Throws an `InputError` that says what was expected when the path is missing, empty or ambiguous.
 */
export async function recognizeLayout(path: string): Promise<TextLayout> {
  const information = await stat(path).catch(() => {
    throw new InputError(`${path}: no such file or folder; expected ${expected}`);
  });
  const name = basename(path);
  if (!information.isDirectory()) {
    const format = formatOf(path);
    if (format === undefined) throw new InputError(`${path}: its ending is not known; expected ${expected}`);
    return { name, train: [{ path, format }], test: [], classes: undefined, notes: [] };
  }
  return { name, ...assignRoles(path, await listTextFiles(path)) };
}

function formatOf(path: string): TextFormat | undefined {
  const ending = /\.([a-z]+)(\.gz)?$/i.exec(basename(path))?.[1];
  return ending === undefined ? undefined : formats[ending.toLowerCase()];
}

async function listTextFiles(folder: string): Promise<TextFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !/^(readme|licen[cs]e|source|notice|changelog)\b/i.test(entry.name))
    .map(({ name }) => ({ path: join(folder, name), format: formatOf(name) }))
    .filter((file): file is TextFile => file.format !== undefined)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function assignRoles(folder: string, files: readonly TextFile[]): Omit<TextLayout, 'name'> {
  const classes = files.find(({ path }) => basename(path) === 'classes.txt')?.path;
  const data = files.filter(({ path }) => path !== classes);
  if (data.length === 0) throw new InputError(`${folder}: holds no text file; expected ${expected}`);

  const named = (pattern: RegExp) => data.filter(({ path }) => pattern.test(basename(path)));
  const train = named(/(^|[^a-z])train(ing)?([^a-z]|$)/i);
  const test = named(/(^|[^a-z])test([^a-z]|$)/i);
  const validation = named(/(^|[^a-z])(dev|val(id(ation)?)?)([^a-z]|$)/i);
  const others = data.filter((file) => ![...train, ...test, ...validation].includes(file));
  const names = (some: readonly TextFile[]) => some.map(({ path }) => basename(path)).join(', ');

  if (train.length > 0 && test.length > 0) return { train, test, classes, notes: [] };
  if (train.length > 0 && others.length === 1) return { train, test: others, classes, notes: [] };
  if (train.length > 0 && validation.length > 0) {
    return { train, test: validation, classes, notes: [`no test file: ${names(validation)} tests`] };
  }
  if (train.length > 0 && others.length === 0) return { train, test: [], classes, notes: [] };
  if (train.length === 0 && validation.length > 0 && test.length > 0) {
    return { train: validation, test, classes, notes: [`no training file: ${names(validation)} trains`] };
  }
  if (data.length === 1) return { train: data, test: [], classes, notes: [] };
  throw new InputError(
    `${folder}: cannot tell which of ${names(data)} to train on; put train and test into their names`,
  );
}
