import { InputError } from '@qb-heat/core';
import { CsvError, parse } from 'csv-parse';
import { pipeline, Readable } from 'node:stream';
import type { ReadOptions } from './read-text.ts';
import { readLineParts, readLines, readText } from './read-text.ts';

/** One record of a file: its cells and the line, from 1, on which it ends. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

export type TextFormat = 'csv' | 'tsv' | 'label' | 'plain';

/** The columns of a `label` file: of `NUM:dist How far is it?` they are `NUM`, `NUM:dist` and `How far is it?`. */
export const labelFileColumns = ['coarse', 'fine', 'text'] as const;

/**
 * Streams the records of a file: the cells of a CSV (quotes as in RFC 4180) or TSV (no quotes), `[coarse, fine, text]`
 * of a `label` file, or `[document]` of plain text, in which a document is a run of lines that are not blank, and one of
 * more than a million characters several.
 *
 * Throws an `InputError` with the file and line for a ragged row, an unbalanced quote or a line without `label:fine `.
 */
export function readRows(path: string, format: TextFormat, options: ReadOptions = {}): AsyncGenerator<Row> {
  if (format === 'plain') return readDocuments(path, options);
  if (format === 'label') return readLabelLines(path, options);
  return readDelimited(path, format, options);
}

async function* readDelimited(path: string, format: 'csv' | 'tsv', options: ReadOptions): AsyncGenerator<Row> {
  const parser = parse({
    delimiter: format === 'csv' ? ',' : '\t',
    quote: format === 'csv' ? '"' : null,
    info: true,
    skip_empty_lines: true,
  });
  const rows = pipeline(Readable.from(readText(path, options)), parser, () => {});
  try {
    for await (const { info, record } of rows as AsyncIterable<{ info: { lines: number }; record: string[] }>) {
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new InputError(`${path}: ${explainCsvError(error)}`);
    throw error;
  }
}

function explainCsvError(error: CsvError): string {
  const { lines, record } = error as CsvError & { lines?: number; record?: string[] };
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return `line ${lines} has ${record?.length} columns where the lines before it have another number (${error.message})`;
  }
  return `line ${lines} is not valid CSV (${error.message}); cells that hold quotes must be quoted, with quotes doubled`;
}

async function* readLabelLines(path: string, options: ReadOptions): AsyncGenerator<Row> {
  let line = 0;
  for await (const content of readLines(path, options)) {
    line++;
    if (content.trim() === '') continue;
    const [, coarse, fine, text] = /^([^\s:]+):(\S+)\s+(.*)$/.exec(content) ?? [];
    if (coarse === undefined || fine === undefined || text === undefined) {
      throw new InputError(`${path}: line ${line} must read 'label:fine text', got '${content.slice(0, 40)}'`);
    }
    yield { line, cells: [coarse, `${coarse}:${fine}`, text] };
  }
}

/** A document is cut where it passes this length, so that a file without blank lines, or of one line, still streams. */
const maxDocumentCharacters = 1_000_000;

async function* readDocuments(path: string, options: ReadOptions): AsyncGenerator<Row> {
  let line = 0;
  let isLineStart = true;
  let lines: string[] = [];
  let characters = 0;
  for await (const { text, endsLine } of readLineParts(path, maxDocumentCharacters, options)) {
    if (isLineStart) line++;
    isLineStart = endsLine;
    const isBlank = text.trim() === '';
    if (!isBlank) {
      lines.push(text.trim());
      characters += text.length;
    }
    if (lines.length > 0 && (isBlank || !endsLine || characters >= maxDocumentCharacters)) {
      yield { line, cells: [lines.join('\n')] };
      lines = [];
      characters = 0;
    }
  }
  if (lines.length > 0) yield { line, cells: [lines.join('\n')] };
}
