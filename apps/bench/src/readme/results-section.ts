import { captionOf } from '../report/picture-rows.ts';
import { gainPlots } from '../report/plots/gain-plots.ts';
import type { Plot } from '../report/plots/plot.ts';
import { formatCount, formatNumber } from '../results/format.ts';
import { groupBy } from '../results/group-by.ts';
import { suiteTitle } from '../results/labels.ts';
import type { DataDescription, Results, SuiteName } from '../results/schema.ts';
import { seedsRemark } from '../results/statistics.ts';
import { stampsOf } from '../results/stamps.ts';
import { renderDifferences, renderMeans } from '../results/tables.ts';
import { renderGains } from './gains-table.ts';
import { sheetFile, sheetGroup } from './picture-sheet.ts';
import { explainReading } from './reading-guide.ts';

/** The gains that are drawn: those in the non-linear probe, for which the method's paper makes its claim. */
const drawnGains = [/^gain-vision-tran1/, /^gain-text-tran1/];

const gainsCaption =
  'Differences of means over the seeds; in bold those whose 95 % interval leaves zero out. The intervals, and the other methods, are below.';

/** The section of results of the repository's README, in Markdown; `folder` is where they are stored, relative to it. */
export function renderResults(results: Results, folder: string): string {
  const { answer, data, machine, backend, command, versions, numComparisons } = results;
  const sources = [...new Set(data.map(describeSource))];
  const guide = explainReading(results);
  const gains = renderGains(results);
  const commit = versions['git commit'];
  const place = backend.device === 'gpu' ? 'a GPU' : formatCount(backend.threads, 'thread');
  const pictured = sheetGroup(results);
  const suites = groupBy(results.summaries, ({ suite }) => suite).map(([{ suite }]) => suite);
  return [
    ...answer.map((sentence) => `${sentence}\n`),
    ...(gains === '' ? [] : [`${gains}\n`, `${gainsCaption}\n`]),
    ...(guide === '' ? [] : [`${guide}\n`]),
    ...(pictured === undefined
      ? []
      : [
          `![Pictures, what is visible of them, and what each method makes of it](${folder}/${sheetFile})\n`,
          `${captionOf(pictured, results)}\n`,
        ]),
    ...shownPlots(results).map(({ name, title }) => `![${title}, with 95 % intervals](${folder}/${name}.svg)\n`),
    `Measured on ${sources.join(', ')}, on ${machine.cpu} with ${place} of ${backend.name}${commit === undefined ? '' : `, at commit ${commit}`}. ` +
      `Means over the seeds ± half the 95 % t-interval, where these differ; of ${formatCount(numComparisons, 'interval')} of a difference about one in twenty leaves zero out by chance. ${seedsRemark}\n`,
    ...stampsOf(results).map((stamp) => `- ${stamp}`),
    ...(stampsOf(results).length === 0 ? [] : ['']),
    '```sh',
    command,
    '```\n',
    ...suites.flatMap((suite) => renderSuite(results, suite)),
    `Everything behind it is in [\`${folder}\`](${folder}): every run, its loss curve and diagnostics, and the report.`,
  ].join('\n');
}

/** `cifar-10 (10,000 to train on, 2,000 to test)`: a data set, and how much of it was taken. */
function describeSource({ name, synthetic, numTrain, numTest }: DataDescription): string {
  const amount = `${formatNumber(numTrain)} to train on, ${formatNumber(numTest)} to test`;
  return `${name} (${synthetic ? 'synthetic, ' : ''}${amount})`;
}

/** The plots that the section shows, which are stored with the results: of images one, and one of text. */
export function shownPlots(results: Pick<Results, 'comparisons'>): Plot[] {
  const plots = gainPlots(results).flatMap((group) => group.plots);
  return drawnGains.flatMap((pattern) => plots.find(({ name }) => pattern.test(name)) ?? []);
}

function renderSuite(results: Results, suite: SuiteName): string[] {
  const summaries = results.summaries.filter((summary) => summary.suite === suite);
  const comparisons = results.comparisons.filter((comparison) => comparison.suite === suite);
  return [
    '<details>',
    `<summary>${suiteTitle(suite)}: means</summary>\n`,
    renderMeans({ summaries }),
    '</details>\n',
    ...(comparisons.length === 0
      ? []
      : [
          '<details>',
          `<summary>${suiteTitle(suite)}: differences to the baselines, paired by seed, with 95 % intervals</summary>\n`,
          renderDifferences({ comparisons }),
          '</details>\n',
        ]),
  ];
}
