import { formatFieldName, formatNumber } from '../../results/format.ts';
import { shownFields } from '../../results/labels.ts';
import type { Measurement } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';

/** A micro-benchmark's records as a table. */
export function renderMeasurements(
  id: keyof typeof shownFields,
  title: string,
  about: string,
  rows: readonly Measurement[],
): Html | null {
  if (rows.length === 0) return null;
  const fields = shownFields[id].filter((field) => rows.some((row) => (row[field] ?? null) !== null));
  return html`
    <section aria-labelledby="${id}">
      <h2 id="${id}">${title}</h2>
      <p class="muted">${about}</p>
      <div class="scroll" role="region" aria-label="${title}" tabindex="0">
        <table>
          <thead>
            <tr>
              ${fields.map((field) => html`<th scope="col">${formatFieldName(field)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) =>
                html`<tr>
                  ${fields.map((field) => html`<td>${formatValue(row[field])}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function formatValue(value: Measurement[string] | undefined): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? formatNumber(value) : value;
}
