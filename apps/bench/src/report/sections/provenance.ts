import { formatCount, formatNumber } from '../../results/format.ts';
import type { DataDescription, Results } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';

/** What made the numbers: data, machine, backend, versions, and the command to run again. */
export function renderProvenance(results: Results): Html {
  const { machine, backend } = results;
  const place = backend.device === 'gpu' ? 'GPU' : formatCount(backend.threads, 'thread');
  return html`
    <section aria-labelledby="provenance">
      <h2 id="provenance">How this was made</h2>
      <pre><code>${results.command}</code></pre>
      <dl>
        ${results.data.map(
          (data) =>
            html`<dt>data, ${data.suite}</dt>
              <dd>${describeData(data)}</dd>`,
        )}
        <dt>backend</dt>
        <dd>${backend.name} ${backend.version}, ${place} (${backend.reason})</dd>
        <dt>machine</dt>
        <dd>
          ${machine.cpu}, ${machine.numCores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB,
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
      </dl>
      <details>
        <summary>Configuration</summary>
        <pre><code>${JSON.stringify(results.configuration, null, 2)}</code></pre>
      </details>
    </section>
  `;
}

function describeData(data: DataDescription): Html {
  const origin = data.synthetic ? 'synthetic, made by this program' : (data.path ?? '');
  const notes = data.notes.map((note) => html`<br />${note}`);
  const size = `${data.name}: ${formatNumber(data.numTrain)} train, ${formatNumber(data.numTest)} test`;
  const classes = formatCount(data.classes.length, 'class', 'classes');
  return html`${size}, ${classes} (${origin}); SHA-256 <code>${data.sha256.slice(0, 16)}…</code>${notes}`;
}
