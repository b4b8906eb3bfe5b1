import { InputError } from '@qb-heat/core';
import type { TextFile } from './layout.ts';
import { recognizeLayout } from './layout.ts';
import { readLabelledTexts } from './read-labelled-texts.ts';
import type { ReadOptions } from './read-text.ts';
import { readLines } from './read-text.ts';
import type { KnownColumns, LabelledText, ReadTextsOptions } from './read-labelled-texts.ts';
import { splitTexts } from './split.ts';
import type { TextDataset, TextSplit } from './text-dataset.ts';

export interface OpenTextOptions extends ReadTextsOptions {
  /** Share of the texts set aside for testing where no test file is found; 0.1 by default. */
  readonly testFraction?: number;
  /** Seed of that split; 0 by default. */
  readonly seed?: number;
}

/**
 * Opens a corpus: a CSV, TSV, plain text or `label:fine text` file, plain or gzip-compressed, or a folder of them with
 * training and test files. Labels become class indices in numeric, else alphabetic, order of the training labels; a
 * `classes.txt` beside the files names them. A test part is set aside when there is no test file. Empty texts and, where
 * there are labels, texts with an empty one are skipped, and counted in the notes.
 *
 * Throws an `InputError` that names the file, line or option for whatever a user can mend: see `readText`, `readRows`,
 * `recognizeColumns`, `recognizeLayout`; and for a test label that training lacks, and a corpus without any text.
 */
export async function openText(path: string, options: OpenTextOptions = {}): Promise<TextDataset> {
  const { testFraction = 0.1, seed = 0 } = options;
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new InputError(`openText: testFraction must lie between 0 and 1, got ${testFraction}`);
  }
  const layout = await recognizeLayout(path);
  const known: KnownColumns[] = [];
  const train = await readFiles(layout.train, options, known);
  const test = await readFiles(layout.test, options, known);
  requireTexts(path, 'training', train);
  if (layout.test.length > 0) requireTexts(path, 'test', test);

  const labels = sortLabels(train.texts);
  const notes = [...layout.notes, ...train.notes, ...test.notes];
  const parts = { train: encodeLabels(train.texts, labels), test: encodeLabels(test.texts, labels) };
  if (layout.test.length === 0) {
    if (train.texts.length < 2) throw new InputError(`${path}: holds one text; training and testing need one each`);
    notes.push(`no test file: ${Math.round(testFraction * 100)} % of the texts test`);
    Object.assign(parts, splitTexts(parts.train, testFraction, seed));
  }
  const classes = await nameClasses(labels, layout.classes, options);
  return { name: layout.name, synthetic: false, classes, ...parts, notes };
}

function requireTexts(path: string, part: string, { texts, notes }: Awaited<ReturnType<typeof readFiles>>): void {
  if (texts.length > 0) return;
  const skipped = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  throw new InputError(`${path}: its ${part} files hold no text${skipped}`);
}

async function readFiles(files: readonly TextFile[], options: OpenTextOptions, known: KnownColumns[]) {
  const texts: LabelledText[] = [];
  let [numEmpty, numUnlabelled] = [0, 0];
  for (const file of files) {
    for await (const example of readLabelledTexts(file, options, known)) {
      if (example.text === '') numEmpty++;
      else if (example.label === '') numUnlabelled++;
      else texts.push(example);
    }
  }
  const notes = [
    ...(numEmpty === 0 ? [] : [`${numEmpty} empty texts skipped`]),
    ...(numUnlabelled === 0 ? [] : [`${numUnlabelled} texts with an empty label skipped`]),
  ];
  return { texts, notes };
}

/** Distinct training labels: numbers by value, others by code unit. */
function sortLabels(texts: readonly LabelledText[]): string[] {
  const distinct = [...new Set(texts.flatMap(({ label }) => label ?? []))];
  const isNumeric = distinct.every((label) => /^-?\d+$/.test(label));
  return isNumeric ? distinct.toSorted((a, b) => Number(a) - Number(b)) : distinct.toSorted();
}

function encodeLabels(texts: readonly LabelledText[], labels: readonly string[]): TextSplit {
  const indices = new Map(labels.map((label, index) => [label, index]));
  const encode = ({ label, path, line }: LabelledText): number => {
    const index = label === undefined ? undefined : indices.get(label);
    if (index === undefined) {
      throw new InputError(
        `${path}: line ${line} has label '${label}', which no training text has (${labels.join(', ')})`,
      );
    }
    return index;
  };
  return {
    texts: texts.map(({ text }) => text),
    labels: labels.length === 0 ? new Int32Array(0) : Int32Array.from(texts, encode),
  };
}

async function nameClasses(
  labels: readonly string[],
  path: string | undefined,
  options: ReadOptions,
): Promise<readonly string[]> {
  if (path === undefined || labels.length === 0) return labels;
  const names: string[] = [];
  for await (const name of readLines(path, options)) if (name.trim() !== '') names.push(name);
  if (names.length !== labels.length) {
    throw new InputError(`${path}: names ${names.length} classes, but the training texts have ${labels.length} labels`);
  }
  return names;
}
