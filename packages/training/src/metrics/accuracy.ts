/** The share of predictions that equal their labels, from 0 to 1; NaN for none. */
export function accuracy(predictions: Int32Array, labels: Int32Array): number {
  if (predictions.length !== labels.length) {
    throw new Error(`accuracy: needs one prediction per label, got ${predictions.length} for ${labels.length}`);
  }
  let numCorrect = 0;
  for (const [index, label] of labels.entries()) {
    if (predictions[index] === label) numCorrect++;
  }
  return numCorrect / labels.length;
}
