import { knnProbe, linearProbe, majorityClass, type LabelledFeatures } from '@qb-heat/training';
import type { CellProgress } from './cell.ts';

/** How frozen features are judged. */
export type ProbeSettings = {
  readonly numNeighbors: number;
};

/** kNN and linear probe of frozen features: test accuracies from 0 to 1. Throws the signal's reason when it is aborted. */
export async function* probeFeatures(
  train: LabelledFeatures,
  test: LabelledFeatures,
  { numNeighbors, seed }: ProbeSettings & { readonly seed: number },
  signal: AbortSignal,
): AsyncGenerator<CellProgress, Record<string, number>, undefined> {
  yield { phase: 'probes', step: 0, numSteps: 2 };
  const knn = await knnProbe(train, test, { k: numNeighbors, signal });
  yield { phase: 'probes', step: 1, numSteps: 2 };
  const linear = await linearProbe(train, test, { seed, signal });
  return { knn: knn.accuracy, linearProbe: linear.accuracy };
}

/** What each probe scores by always naming the commonest training class. */
export function scoreMajority(
  train: Pick<LabelledFeatures, 'labels' | 'numClasses'>,
  test: Pick<LabelledFeatures, 'labels'>,
): Record<string, number> {
  const { accuracy } = majorityClass(train, test);
  return { knn: accuracy, linearProbe: accuracy };
}
