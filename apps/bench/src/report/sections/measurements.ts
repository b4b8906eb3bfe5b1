import { formatFieldName, formatNumber } from '../../results/format.ts';
import { shownFields } from '../../results/labels.ts';
import type { Measurement, Results } from '../../results/schema.ts';
import { renderPlots } from '../figure.ts';
import type { Html } from '../html.ts';
import { enginePlots, operatorPlots } from '../plots/measurement-plots.ts';
import type { Section } from '../section.ts';
import { emptyCell, renderTable, type Cell } from '../table.ts';

/** What the operators cost. */
export async function operatorsSection(results: Results): Promise<Section | null> {
  if (results.operators.length === 0) return null;
  return {
    id: 'operators',
    title: 'Operators',
    about:
      'Time of the extrapolations and fills, beside a bare matrix product of the same size: the dashed line. Medians of repeated calls.',
    body: [
      await renderPlots(operatorPlots(results)),
      renderMeasurements('Cost of the operators', results.operators, shownFields.operators),
    ],
  };
}

/** How fast the engines train. */
export async function engineSection(results: Results): Promise<Section | null> {
  if (results.engine.length === 0) return null;
  return {
    id: 'engine',
    title: 'Engine',
    about: 'The same training steps by backend and number of threads, PyTorch among them, at the median step.',
    body: [
      await renderPlots(enginePlots(results)),
      renderMeasurements('Training steps by engine', results.engine, shownFields.engine),
    ],
  };
}

/** A micro-benchmark's records, without the columns that hold nothing. */
function renderMeasurements(caption: string, rows: readonly Measurement[], fields: readonly string[]): Html {
  const shown = fields.filter((field) => rows.some((row) => (row[field] ?? null) !== null));
  return renderTable({
    caption,
    headings: shown.map(formatFieldName),
    rows: rows.map((row) => {
      const [heading = emptyCell, ...cells] = shown.map((field) => measurementCell(row[field]));
      return { heading, cells };
    }),
  });
}

function measurementCell(value: Measurement[string] | undefined): Cell {
  if (value === undefined || value === null) return emptyCell;
  if (typeof value === 'number') return { content: formatNumber(value), value };
  return { content: typeof value === 'boolean' ? (value ? 'yes' : 'no') : value };
}
