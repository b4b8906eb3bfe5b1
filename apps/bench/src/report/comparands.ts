import { groupBy } from '../results/group-by.ts';
import { comparandKey, isControlOf } from '../results/groups.ts';
import { comparandTitle, metricLabel, splitMetric, type Comparand } from '../results/labels.ts';
import type { Results, Run } from '../results/schema.ts';
import { plotName } from './plots/plot.ts';

/** The runs of one comparison: its methods, then the controls that belong to it. */
export interface RunGroup extends Comparand {
  readonly runs: readonly Run[];
}

/** Splits the runs into comparisons, as `groupSummaries` does with their summaries. */
export function groupRuns({ runs }: Pick<Results, 'runs'>): RunGroup[] {
  const controls = runs.filter(({ role }) => role === 'control');
  return groupBy(
    runs.filter(({ role }) => role !== 'control'),
    comparandKey,
  ).map((members) => {
    const { suite, dataset, encoder, masking } = members[0];
    const own = controls.filter((control) => isControlOf(control, members[0]));
    return { suite, dataset, encoder, masking, runs: [...members, ...own] };
  });
}

/** The name of a comparison's plot. */
export function comparandPlotName(kind: string, { suite, dataset, encoder, masking }: Comparand): string {
  return plotName(kind, suite, dataset, encoder, masking);
}

/** The title of a comparison's plot where it stands alone. */
export function comparandPlotTitle(caption: string, comparand: Comparand): string {
  return `${comparandTitle(comparand)}: ${caption}`;
}

/** How well the pre-training task itself is solved; all others say what the features are worth. */
const taskMetrics = new Set(['heldOutLoss', 'maskedAccuracy']);

export function isTaskMetric(metric: string): boolean {
  return taskMetrics.has(splitMetric(metric)[0]);
}

/** A metric's title at the beginning of a line. */
export function metricCaption(metric: string): string {
  return raiseFirst(metricLabel(metric).title);
}

/** A text with its first letter raised, unless its second is already, as in `kNN`. */
export function raiseFirst(text: string): string {
  return /^.[A-Z]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
