/** Rows, the first of which is the head, as the lines of a Markdown table of equal columns; all but the first to the right. */
export function drawTable([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const drawRow = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [drawRow(head), `| ${rule.join(' | ')} |`, ...rows.map(drawRow)];
}

/** Text that stays within its cell. */
export function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
