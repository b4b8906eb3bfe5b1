import { formatCount, formatNumber } from '../../results/format.ts';
import type { DataDescription, Results } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';
import type { Section } from '../section.ts';
import { renderTable, type Cell } from '../table.ts';

/** What made the numbers: the command to run again, data, machine, backend, versions. */
export function provenanceSection(results: Results): Section {
  const { machine, backend } = results;
  const place = backend.device === 'gpu' ? 'GPU' : formatCount(backend.threads, 'thread');
  return {
    id: 'provenance',
    title: 'How this was made',
    body: [
      html`<p class="about">To run it again:</p>
        <pre tabindex="0"><code>${results.command}</code></pre>`,
      results.data.length === 0 ? null : renderData(results.data),
      html`<dl class="facts">
        <dt>backend</dt>
        <dd>${backend.name} ${backend.version}, ${place} (${backend.reason})</dd>
        <dt>machine</dt>
        <dd>
          ${machine.cpu}, ${formatCount(machine.numCores, 'core')}, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB,
          ${machine.platform} ${machine.release} ${machine.architecture}
        </dd>
        <dt>versions</dt>
        <dd>
          ${Object.entries(results.versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(', ')}
        </dd>
        <dt>written</dt>
        <dd><time datetime="${results.createdAt}">${results.createdAt}</time></dd>
        <dt>beside this page</dt>
        <dd>
          <code>results.json</code> with every number and curve, <code>runs</code> with each run,
          <code>plots</code> with every plot as SVG and PNG
        </dd>
      </dl>`,
      html`<details>
        <summary>Configuration</summary>
        <pre tabindex="0"><code>${JSON.stringify(results.configuration, null, 2)}</code></pre>
      </details>`,
    ],
  };
}

function renderData(data: readonly DataDescription[]): Html {
  return renderTable({
    caption: 'Data',
    headings: ['name', 'suite', 'use', 'train', 'test', 'classes', 'origin', 'SHA-256'],
    rows: data.map((set) => ({ heading: { content: set.name }, cells: dataCells(set) })),
  });
}

function dataCells(set: DataDescription): Cell[] {
  return [
    { content: set.suite },
    { content: set.use.join(', ') },
    { content: formatNumber(set.numTrain), value: set.numTrain },
    { content: formatNumber(set.numTest), value: set.numTest },
    { content: formatNumber(set.classes.length), value: set.classes.length },
    { content: originOf(set) },
    { content: html`<code>${set.sha256.slice(0, 12)}…</code>` },
  ];
}

function originOf({ synthetic, path, notes }: DataDescription): Html {
  const origin = synthetic ? 'synthetic, made by this program' : (path ?? '');
  return html`${origin}${notes.map((note) => html`<span class="note">${note}</span>`)}`;
}
