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
  for (const group of groupBy(trained, ({ suite, masking }) => `${suite} ${masking}`)) {
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

function lossChart(runs: readonly [Run, ...Run[]]): LineChart {
  const [first] = runs;
  const reference = first.training?.referenceLoss;
  return {
    title: comparandTitle(first),
    xTitle: 'step',
    yTitle: 'loss',
    points: runs.flatMap((run) =>
      (run.training?.lossCurve ?? []).map(({ step, loss }) => ({
        x: step,
        y: loss,
        series: run.method,
        line: `${run.method} ${run.seed}`,
      })),
    ),
    reference: reference === undefined ? undefined : { y: reference, label: 'knowing nothing' },
  };
}
