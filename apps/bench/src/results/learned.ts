import type { Run } from './schema.ts';

/** A loss within this share of what knowing nothing of the input costs has learned nothing. */
const learnedShare = 0.02;

/** False of a run whose held-out loss is still what predicting the mean, or the words by their frequency, costs. */
export function hasLearned({ metrics, training }: Pick<Run, 'metrics' | 'training'>): boolean {
  const loss = metrics['heldOutLoss'];
  return loss === undefined || training === null || loss < (1 - learnedShare) * training.referenceLoss;
}
