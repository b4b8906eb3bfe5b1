import type { ColumnOptions, ColumnRoles } from './columns.ts';
import { recognizeColumns } from './columns.ts';
import type { TextFile } from './layout.ts';
import type { ReadOptions } from './read-text.ts';
import type { Row } from './rows.ts';
import { labelFileColumns, readRows } from './rows.ts';

/** How files are decoded, and which of their columns matter. */
export interface ReadTextsOptions extends ReadOptions, ColumnOptions {}

/** A text as it stands in its file. */
export interface LabelledText {
  readonly text: string;
  readonly label: string | undefined;
  readonly path: string;
  readonly line: number;
}

/** How the columns of a file before were recognized: files of one corpus are alike where they have as many. */
export interface KnownColumns {
  readonly first: readonly string[];
  readonly roles: ColumnRoles;
}

/** Rows to look at before the columns' roles are decided. */
const numRowsToRecognize = 1000;

/** Streams the texts of a file with their labels, empty ones included; `known` gains how its columns were recognized. */
export async function* readLabelledTexts(
  file: TextFile,
  options: ReadTextsOptions,
  known: KnownColumns[],
): AsyncGenerator<LabelledText> {
  const rows = readRows(file.path, file.format, options);
  try {
    yield* labelRows(rows, file, options, known);
  } finally {
    // Whoever leaves early leaves the file, which a walk over the first rows alone would keep open.
    await rows.return(undefined);
  }
}

async function* labelRows(
  rows: AsyncGenerator<Row>,
  file: TextFile,
  options: ReadTextsOptions,
  known: KnownColumns[],
): AsyncGenerator<LabelledText> {
  const head: Row[] = [];
  while (head.length < numRowsToRecognize) {
    const next = await rows.next();
    if (next.done === true) break;
    head.push(next.value);
  }
  if (head.length === 0) return;
  const roles = assignColumns(file, head, options, known);
  const pick = ({ cells, line }: Row): LabelledText => ({
    text: roles.texts
      .map((index) => (cells[index] ?? '').trim())
      .join(' ')
      .trim(),
    label: roles.label === undefined ? undefined : (cells[roles.label] ?? '').trim(),
    path: file.path,
    line,
  });
  for (const row of roles.hasHeader ? head.slice(1) : head) yield pick(row);
  for await (const row of rows) yield pick(row);
}

function assignColumns(
  { path, format }: TextFile,
  head: readonly Row[],
  options: ReadTextsOptions,
  known: KnownColumns[],
): ColumnRoles {
  if (format === 'csv' || format === 'tsv') {
    const first = head[0]!.cells;
    const alike = known.find((other) => other.first.length === first.length);
    // A small file may tell less of its columns than the one before, or more than it should.
    if (alike) return { ...alike.roles, hasHeader: alike.roles.hasHeader && first.join() === alike.first.join() };
    const roles = recognizeColumns(path, head, options);
    known.push({ first, roles });
    return roles;
  }
  if (format === 'plain') return { hasHeader: false, label: undefined, texts: [0] };
  // The columns of a label file have names without a header: read as one, it serves labelColumn 'fine' as well.
  const header: Row = { line: 0, cells: labelFileColumns };
  const { labelColumn = 'coarse', textColumn = 'text' } = options;
  return { ...recognizeColumns(path, [header, ...head], { labelColumn, textColumn }), hasHeader: false };
}
