import type { Results } from '../../results/schema.ts';
import { renderPlotGroups, renderPlots } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { curvePlots } from '../plots/curve-plots.ts';
import { diagnosticsPlots } from '../plots/diagnostics-plots.ts';
import { lossPlots } from '../plots/loss-plots.ts';
import type { PlotGroup } from '../plots/plot.ts';
import { probePlots } from '../plots/probe-plots.ts';
import { nameRun } from '../../results/describe-run.ts';
import type { Section } from '../section.ts';

/** What the features are worth, as bars. */
export async function probesSection(results: Results): Promise<Section | null> {
  const groups = probePlots(results);
  if (groups.length === 0) return null;
  return {
    id: 'probes',
    title: 'Probes',
    about:
      'Bars are means over the seeds, dots the seeds, lines the 95 % t-intervals. The dashed line is the baseline’s mean.',
    body: await renderPlotGroups(groups),
  };
}

/** The training loss by step. */
export async function lossSection(results: Results): Promise<Section | null> {
  const plots = lossPlots(results);
  if (plots.length === 0) return null;
  return {
    id: 'loss',
    title: 'Training loss',
    about:
      'Means over the seeds, in a band from the lowest to the highest. The dashed line is the held-out loss of a model that knows nothing of its input.',
    body: await renderPlots(plots),
  };
}

/** Where the error is, and other curves over places. */
export async function distanceSection(results: Results): Promise<Section | null> {
  const groups = curvePlots(results);
  if (groups.length === 0) return null;
  return {
    id: 'distance',
    title: 'Error by distance',
    about: 'On held-out data, by how far a masked place lies from the nearest visible one.',
    body: await renderPlotGroups(groups),
  };
}

/** What went on inside, and what looked wrong. */
export async function diagnosticsSection(results: Results): Promise<Section | null> {
  const groups = diagnosticsPlots(results);
  const warnings = results.runs.flatMap(({ training, ...run }) =>
    (training?.warnings ?? []).map((warning) => ({ run, warning })),
  );
  if (groups.length === 0 && warnings.length === 0) return null;
  return {
    id: 'diagnostics',
    title: 'Diagnostics',
    about: 'Logged while training: means over the seeds, in a band from the lowest to the highest.',
    body: [
      warnings.length === 0
        ? null
        : html`<h3>Warnings</h3>
            <ul class="warnings">
              ${warnings.map(({ run, warning }) => html`<li><strong>${nameRun(run)}</strong>: ${warning}</li>`)}
            </ul>`,
      ...(await renderFolded(groups)),
    ],
  };
}

/** Many plots that only some readers want: the first group is open. */
async function renderFolded(groups: readonly PlotGroup[]): Promise<Html[]> {
  const folded: Html[] = [];
  for (const [index, { heading, plots }] of groups.entries()) {
    const content = html`<summary>${heading}</summary>
      ${await renderPlots(plots)}`;
    folded.push(index === 0 ? html`<details open>${content}</details>` : html`<details>${content}</details>`);
  }
  return folded;
}
