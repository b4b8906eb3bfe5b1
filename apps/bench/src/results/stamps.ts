import { untrainedControl } from '../experiments/list-cells.ts';
import { groupBy } from './group-by.ts';
import { comparandKey, groupSummaries, type SummaryGroup } from './groups.ts';
import { comparandTitle } from './labels.ts';
import { hasLearned } from './learned.ts';
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
  const trained = group.summaries.filter((summary) => summary.role !== 'control').flatMap(probeOf);
  const untrained = group.summaries.filter((summary) => summary.method === untrainedControl).flatMap(probeOf);
  if (trained.length === 0 || untrained.length === 0 || Math.max(...trained) > Math.max(...untrained)) return [];
  return [`${comparandTitle(group)}: no linear probe beats a random encoder's`];
}

function probeOf({ metrics }: Summary): number[] {
  return metrics['linearProbe'] === undefined ? [] : [metrics['linearProbe'].mean];
}
