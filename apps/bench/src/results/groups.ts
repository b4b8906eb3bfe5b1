import { groupBy } from './group-by.ts';
import type { Comparand } from './labels.ts';
import type { Results, Summary } from './schema.ts';

/** A comparison to show: the methods of one suite, data set, encoder and masking, and their controls under them. */
export interface SummaryGroup extends Comparand {
  readonly summaries: readonly Summary[];
}

/** Splits the summaries into comparisons; controls, which mask nothing, are repeated in each that they belong to. */
export function groupSummaries({ summaries }: Pick<Results, 'summaries'>): SummaryGroup[] {
  const compared = summaries.filter((summary) => summary.role !== 'control');
  const controls = summaries.filter((summary) => summary.role === 'control');
  const groups = groupBy(compared, comparandKey).map((members): SummaryGroup => {
    const { suite, dataset, encoder, masking } = members[0];
    const own = controls.filter((control) => isControlOf(control, members[0]));
    return { suite, dataset, encoder, masking, summaries: [...members, ...own] };
  });
  const lonely = controls.filter(({ suite }) => !compared.some((summary) => summary.suite === suite));
  const groupsOfControls = groupBy(lonely, ({ suite, dataset }) => `${suite} ${dataset}`).map((members) => {
    const { suite, dataset } = members[0];
    return { suite, dataset, encoder: null, masking: null, summaries: members };
  });
  return [...groups, ...groupsOfControls];
}

/** True of the controls that a comparison is held against: those of its encoder, and those without one. */
export function isControlOf(control: Omit<Comparand, 'masking'>, { suite, dataset, encoder }: Comparand): boolean {
  return (
    control.suite === suite && control.dataset === dataset && (control.encoder === null || control.encoder === encoder)
  );
}

/** Equal for runs, summaries and differences of one comparison. */
export function comparandKey({ suite, dataset, encoder, masking }: Comparand): string {
  return [suite, dataset, encoder, masking].join('\n');
}
