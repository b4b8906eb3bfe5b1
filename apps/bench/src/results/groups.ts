import type { Comparand } from './labels.ts';
import type { Results, Summary } from './schema.ts';

/** A comparison to show: the methods of one suite and masking, and the suite's controls under them. */
export interface SummaryGroup extends Comparand {
  readonly summaries: readonly Summary[];
}

/** Splits the summaries into comparisons; a suite's controls, which mask nothing, are repeated in each of its own. */
export function groupSummaries({ summaries }: Pick<Results, 'summaries'>): SummaryGroup[] {
  const groups = new Map<string, SummaryGroup>();
  for (const { suite, masking } of summaries) {
    const hasMaskings = summaries.some((other) => other.suite === suite && other.masking !== null);
    if (masking === null && hasMaskings) continue;
    const members = summaries.filter((other) => other.suite === suite && other.masking === masking);
    const controls = summaries.filter((other) => other.suite === suite && other.masking === null);
    groups.set(`${suite} ${masking}`, {
      suite,
      masking,
      summaries: masking === null ? controls : [...members, ...controls],
    });
  }
  return [...groups.values()];
}
