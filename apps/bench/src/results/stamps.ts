import { groupBy } from './group-by.ts';
import { comparandKey, groupSummaries, type SummaryGroup } from './groups.ts';
import { comparandTitle, splitMetric } from './labels.ts';
import { hasLearned } from './learned.ts';
import { untrainedControl } from './method-names.ts';
import type { Results, Run, Summary } from './schema.ts';

/** What a reader has to know before any number: shown above the report and under the terminal's table. */
export function stampsOf(results: Results): string[] {
  const synthetic = results.data.filter((data) => data.synthetic).map((data) => data.suite);
  const methods = results.summaries.filter((summary) => summary.role !== 'control');
  const isOneSeed = methods.some((summary) => summary.n === 1);
  return [
    ...(results.complete ? [] : ['not complete: not all runs are here']),
    ...(synthetic.length === 0 ? [] : [`synthetic data (${synthetic.join(', ')})`]),
    ...(isOneSeed ? ['one seed: no interval, no conclusion'] : []),
    ...groupBy(results.runs.filter(isTrained), comparandKey).flatMap(stampUnlearned),
    ...groupSummaries(results).flatMap(stampUselessPretraining),
    ...(results.configuration['preset'] === 'smoke' ? ['smoke run: shows that it runs, not how well'] : []),
  ];
}

function isTrained({ training }: Run): boolean {
  return training !== null;
}

/** Names the methods that learned nothing of what they are compared by: a difference to them says who learns first. */
function stampUnlearned(runs: readonly [Run, ...Run[]]): string[] {
  const stuck = groupBy(runs, ({ method }) => method).filter((ofMethod) => !ofMethod.some(hasLearned));
  if (stuck.length === 0) return [];
  const names = stuck.map(([{ method }]) => method).join(', ');
  return [`${comparandTitle(runs[0])}: ${names} learned nothing, by the loss, in any seed`];
}

/** Says so where pre-training did not help the linear probe at all: its differences between methods mean little then. */
function stampUselessPretraining(group: SummaryGroup): string[] {
  const metrics = new Set(group.summaries.flatMap((summary) => Object.keys(summary.metrics)));
  const trained = group.summaries.filter(({ role }) => role !== 'control');
  const untrained = group.summaries.filter(({ method }) => method === untrainedControl);
  return [...metrics].flatMap((metric) => {
    const [name, probedSet] = splitMetric(metric);
    const [best, start] = [highest(trained, metric), highest(untrained, metric)];
    if (name !== 'linearProbe' || best === undefined || start === undefined || best > start) return [];
    const on = probedSet === null ? '' : ` on ${probedSet}`;
    return [`${comparandTitle(group)}: no linear probe${on} beats a random encoder's`];
  });
}

function highest(summaries: readonly Summary[], metric: string): number | undefined {
  const means = summaries.flatMap(({ metrics }) => metrics[metric]?.mean ?? []);
  return means.length === 0 ? undefined : Math.max(...means);
}
