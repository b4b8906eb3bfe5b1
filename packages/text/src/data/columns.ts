import { InputError } from '@qb-heat/core';
import type { Row } from './rows.ts';

/** A column by its name in the header, or by its number, counted from 1. */
export type Column = string | number;

export interface ColumnOptions {
  /** The column, or columns joined by a space, that hold the text. */
  readonly textColumn?: Column | readonly Column[];
  /** The column that holds the class; `false` reads the text alone. */
  readonly labelColumn?: Column | false;
}

/** Where a file's texts and labels stand; indices count from 0. */
export interface ColumnRoles {
  readonly hasHeader: boolean;
  readonly label: number | undefined;
  readonly texts: readonly number[];
}

const labelNames = ['label', 'labels', 'class', 'category', 'sentiment', 'target', 'topic'];
const textNames = ['text', 'sentence', 'question', 'title', 'headline', 'description', 'content', 'review', 'body'];

/**
 * Tells which columns of a delimited file hold the label and the text: from the options; else from well-known names in
 * the header; else the one column of few, one-word values is the label and the others are text.
 *
 * @param rows the first rows of the file, the header included if there is one; a thousand are plenty.
 * Throws an `InputError` that names the file and its columns when an option names no column, or when neither rule tells.
 */
export function recognizeColumns(path: string, rows: readonly Row[], options: ColumnOptions = {}): ColumnRoles {
  const first = (rows[0]?.cells ?? []).map((cell) => cell.trim());
  const wanted = [options.labelColumn, options.textColumn].flat().filter((column) => typeof column === 'string');
  const known = new Set([...labelNames, ...textNames, ...wanted.map((name) => name.toLowerCase())]);
  const hasHeader = first.some((cell) => known.has(cell.toLowerCase()));
  const names = first.map((cell, index) => (hasHeader ? cell : `${index + 1}`));

  const find = (option: string, column: Column): number => {
    const index = typeof column === 'number' ? column - 1 : names.indexOf(column);
    if (names[index] === undefined) {
      throw new InputError(`${path}: ${option} ${column} is no column of it; it has ${names.join(', ')}`);
    }
    return index;
  };
  const guess = hasHeader ? guessByName(names) : guessByContent(rows);
  const { labelColumn, textColumn } = options;
  const label =
    labelColumn === undefined ? guess.label : labelColumn === false ? undefined : find('labelColumn', labelColumn);
  const texts =
    textColumn === undefined
      ? guess.texts.filter((index) => index !== label)
      : [textColumn].flat().map((column) => find('textColumn', column));

  const isLabelOpen = label === undefined && labelColumn !== false && names.length > 1;
  if (texts.length === 0 || isLabelOpen) {
    const missing = [texts.length === 0 ? 'textColumn' : [], isLabelOpen ? 'labelColumn (false for none)' : []].flat();
    throw new InputError(
      `${path}: cannot tell which of its columns ${names.join(', ')} hold the label and the text; pass ${missing.join(' and ')}`,
    );
  }
  return { hasHeader, label, texts };
}

interface Guess {
  readonly label: number | undefined;
  readonly texts: readonly number[];
}

function guessByName(names: readonly string[]): Guess {
  const lower = names.map((name) => name.toLowerCase());
  const labels = lower.flatMap((name, index) => (labelNames.includes(name) ? index : []));
  const label = labels.length === 1 ? labels[0] : undefined;
  const texts = lower.flatMap((name, index) => (textNames.includes(name) ? index : []));
  const others = lower.flatMap((_, index) => (index === label ? [] : index));
  return { label, texts: texts.length > 0 || others.length !== 1 ? texts : others };
}

function guessByContent(rows: readonly Row[]): Guess {
  const columns = (rows[0]?.cells ?? []).map((_, index) => rows.map(({ cells }) => (cells[index] ?? '').trim()));
  const indices = columns.map((_, index) => index);
  if (columns.length === 1) return { label: undefined, texts: indices };
  const labels = indices.filter((index) => looksLikeLabels(columns[index]!));
  const texts = indices.filter((index) => columns[index]!.some(looksLikeProse));
  // One label, and prose everywhere else; an identifier or a date beside them leaves the choice to the user.
  if (labels.length !== 1 || texts.length !== columns.length - 1) return { label: undefined, texts: [] };
  return { label: labels[0], texts };
}

function looksLikeLabels(cells: readonly string[]): boolean {
  const distinct = new Set(cells);
  return (cells.length === 1 || distinct.size < cells.length) && cells.every((cell) => /^\S{1,40}$/.test(cell));
}

/** Two words, or letters of a script that puts no spaces between words. */
function looksLikeProse(cell: string): boolean {
  return /\S\s+\S|\p{Lo}{4}/u.test(cell);
}
