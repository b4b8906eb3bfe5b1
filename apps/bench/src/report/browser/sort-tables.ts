/** Puts a button into each column heading of the sortable tables, which sorts the rows: by pointer and by keyboard. */
export function sortTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) {
    const headings = [...table.querySelectorAll<HTMLTableCellElement>('thead th')];
    for (const heading of headings) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      button.addEventListener('click', () => sortBy(table, headings, heading));
      heading.replaceChildren(button);
    }
  }
}

/** Numbers start with the largest, words with A; a second click turns that around. */
function sortBy(
  table: HTMLTableElement,
  headings: readonly HTMLTableCellElement[],
  heading: HTMLTableCellElement,
): void {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const column = headings.indexOf(heading);
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[column]) }));
  const isNumeric = rows.some(({ value }) => typeof value === 'number');
  const before = heading.getAttribute('aria-sort');
  const isDescending = before === null ? isNumeric : before === 'ascending';
  for (const other of headings) other.removeAttribute('aria-sort');
  heading.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
  table.classList.add('sorted');
  rows.sort((a, b) => compareValues(a.value, b.value, isDescending));
  body.append(...rows.map(({ row }) => row));
}

/** A cell's number where it has one; null where it is empty. */
function valueOf(cell: HTMLTableCellElement | undefined): number | string | null {
  const value = cell?.dataset['value'];
  if (value !== undefined) return value === '' ? null : Number(value);
  return cell?.textContent.trim() ?? null;
}

/** What has no value comes last, whichever way the others go. */
function compareValues(a: number | string | null, b: number | string | null, isDescending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en');
  return isDescending ? -order : order;
}
