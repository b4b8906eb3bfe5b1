import { accuracy } from '../metrics/accuracy.ts';
import type { LabelledFeatures, ProbeResult } from './labelled-features.ts';

/** The control that ignores the features: every test sample gets the most frequent class of the training set. */
export function majorityClass(
  train: Pick<LabelledFeatures, 'labels' | 'numClasses'>,
  test: Pick<LabelledFeatures, 'labels'>,
): ProbeResult {
  const counts = new Int32Array(train.numClasses);
  for (const label of train.labels) counts[label] = (counts[label] as number) + 1;
  const predictions = new Int32Array(test.labels.length).fill(counts.indexOf(Math.max(...counts)));
  return { accuracy: accuracy(predictions, test.labels), predictions };
}
