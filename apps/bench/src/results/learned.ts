import { learnedShare } from '@qb-heat/training';
import type { Run } from './schema.ts';

/** Points of a loss curve that are averaged, for one batch says little. */
const numSmoothed = 8;

/** Share of the steps after which the training loss is first below what knowing nothing costs; 1 if it never is. */
export function learnedAfter({ lossCurve, referenceLoss, numSteps }: NonNullable<Run['training']>): number {
  const first = lossCurve.findIndex((_, index) => {
    const recent = lossCurve.slice(Math.max(0, index + 1 - numSmoothed), index + 1);
    const mean = recent.reduce((sum, { loss }) => sum + loss, 0) / recent.length;
    return recent.length === numSmoothed && mean < (1 - learnedShare) * referenceLoss;
  });
  return first === -1 ? 1 : lossCurve[first]!.step / numSteps;
}

/** False of a run whose held-out loss is still what predicting the mean, or the words by their frequency, costs. */
export function hasLearned({ metrics, training }: Pick<Run, 'metrics' | 'training'>): boolean {
  const loss = metrics['heldOutLoss'];
  return loss === undefined || training === null || loss < (1 - learnedShare) * training.referenceLoss;
}
