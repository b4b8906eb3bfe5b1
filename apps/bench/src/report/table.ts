import { html, type Html } from './html.ts';

export interface Cell {
  readonly content: Html | string;
  /** What to sort by: null where there is nothing; a cell without it is sorted by its text. */
  readonly value?: number | null;
}

interface Row {
  readonly heading: Cell;
  readonly cells: readonly Cell[];
  readonly className?: string;
}

export interface Table {
  readonly caption: string | Html;
  /** Of the first column, which heads the rows, then of the others. */
  readonly headings: readonly string[];
  readonly rows: readonly Row[];
  /** Puts what stands behind a number under it: for many columns. */
  readonly isStacked?: boolean;
}

/** Nothing to show. */
export const emptyCell: Cell = { content: '–', value: null };

/** A table whose columns the page's script makes sortable, scrolled by itself where it is wider than the page. */
export function renderTable({ caption, headings, rows, isStacked = false }: Table): Html {
  return html`
    <div class="scroll" tabindex="0">
      <table class="sortable${isStacked ? ' stacked' : ''}">
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(renderRow)}
        </tbody>
      </table>
    </div>
  `;
}

function renderRow({ heading, cells, className }: Row): Html {
  return html`<tr class="${className ?? ''}">
    <th scope="row">${heading.content}</th>
    ${cells.map(renderCell)}
  </tr>`;
}

function renderCell({ content, value }: Cell): Html {
  if (value === undefined) return html`<td class="words">${content}</td>`;
  return html`<td data-value="${value === null ? '' : value}">${content}</td>`;
}
