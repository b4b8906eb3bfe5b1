import { groupBy } from '../../results/group-by.ts';
import { comparandTitle } from '../../results/labels.ts';
import type { Results, Run } from '../../results/schema.ts';
import { drawLineChart, type LineChart } from '../charts.ts';
import { html, type Html } from '../html.ts';

/** The training loss of every run, one chart per comparison, one line per seed. */
export async function renderLossCurves({ runs }: Results): Promise<Html | null> {
  const trained = runs.filter((run) => run.training !== null);
  if (trained.length === 0) return null;
  const charts: Html[] = [];
  for (const group of groupBy(
    trained,
    ({ suite, dataset, encoder, masking }) => `${suite} ${dataset} ${encoder} ${masking}`,
  )) {
    const chart = lossChart(group);
    charts.push(
      html`<figure>
        ${await drawLineChart(chart)}
        <figcaption>${chart.title}</figcaption>
      </figure>`,
    );
  }
  return html`
    <section aria-labelledby="loss">
      <h2 id="loss">Training loss</h2>
      <p class="muted">One line per seed. The dashed line is the held-out loss of knowing nothing of the input.</p>
      <div class="charts">${charts}</div>
    </section>
  `;
}

/** The first steps start far above what is of interest. */
const limitOverReference = 1.25;

function lossChart(runs: readonly [Run, ...Run[]]): LineChart {
  const points = runs.flatMap((run) =>
    (run.training?.lossCurve ?? []).map(({ step, loss }) => ({
      x: step,
      y: loss,
      series: run.method,
      line: `${run.method} ${run.seed}`,
    })),
  );
  const reference = runs[0].training?.referenceLoss;
  const highest = Math.max(...points.map(({ y }) => y));
  return {
    title: comparandTitle(runs[0]),
    xTitle: 'step',
    yTitle: 'loss',
    points,
    reference,
    yLimit: reference === undefined ? undefined : Math.min(highest, limitOverReference * reference),
  };
}
