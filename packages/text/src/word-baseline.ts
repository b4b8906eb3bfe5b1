import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import { accuracy, minimizeLbfgs } from '@qb-heat/training';
import type { ProbeResult } from '@qb-heat/training';
import type { TextSplit } from './data/text-dataset.ts';
import { Tfidf } from './tfidf.ts';
import type { SparseMatrix } from './tfidf.ts';

export interface WordBaselineOptions {
  /** Weight of the data against the penalty ½ ‖weight‖², scikit-learn's `C`; 10 by default, which suits short texts. */
  readonly dataWeight?: number;
  /** Ends the fit: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Classifies texts by their words alone: TF-IDF of words and word pairs, then logistic regression with an L2 penalty.
 * The control that an encoder of text has to beat. Nothing about it is random; its numbers are those of scikit-learn's
 * `TfidfVectorizer(ngram_range=(1, 2))` and `LogisticRegression(C=10)`.
 *
 * Throws an `InputError` when the texts have no labels.
 */
export async function wordBaseline(
  train: TextSplit,
  test: TextSplit,
  { dataWeight = 10, signal }: WordBaselineOptions = {},
): Promise<ProbeResult> {
  if (train.labels.length === 0) throw new InputError('wordBaseline: the texts have no labels');
  const tfidf = new Tfidf(train.texts);
  const numClasses = 1 + train.labels.reduce((highest, label) => Math.max(highest, label), 0);
  const coefficients = await fit(tfidf.encode(train.texts), train.labels, numClasses, dataWeight, signal);
  const predictions = classify(tfidf.encode(test.texts), coefficients, numClasses);
  return { accuracy: accuracy(predictions, test.labels), predictions };
}

/** Coefficients `[numColumns + 1, numClasses]`, the bias last: the minimum of Σ loss / n + ‖weight‖² / (2 n dataWeight). */
async function fit(
  x: SparseMatrix,
  labels: Int32Array,
  numClasses: number,
  dataWeight: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const numWeights = x.numColumns * numClasses;
  const penalty = 1 / (x.numRows * dataWeight);
  const evaluate = async (point: Float64Array) => {
    await setImmediate();
    signal?.throwIfAborted();
    const gradient = new Float64Array(point.length);
    let value = 0;
    for (let row = 0; row < x.numRows; row++) {
      const errors = scoreRow(x, row, point, numClasses);
      value += turnIntoErrors(errors, labels[row]!) / x.numRows;
      addOuterProduct(gradient, x, row, errors, 1 / x.numRows);
    }
    for (let index = 0; index < numWeights; index++) {
      value += (penalty / 2) * point[index]! ** 2;
      gradient[index]! += penalty * point[index]!;
    }
    return { value, gradient };
  };
  const { point } = await minimizeLbfgs(evaluate, new Float64Array(numWeights + numClasses), { tolerance: 1e-4 });
  return point;
}

/** Scores of one text, `[numClasses]`. */
function scoreRow(x: SparseMatrix, row: number, coefficients: Float64Array, numClasses: number): Float64Array {
  const scores = coefficients.slice(x.numColumns * numClasses);
  for (let entry = x.starts[row]!; entry < x.starts[row + 1]!; entry++) {
    const offset = x.columns[entry]! * numClasses;
    const value = x.values[entry]!;
    for (let label = 0; label < numClasses; label++) scores[label]! += value * coefficients[offset + label]!;
  }
  return scores;
}

/** Cross-entropy of scores, which become probability − target in place. */
function turnIntoErrors(scores: Float64Array, label: number): number {
  const highest = scores.reduce((a, b) => Math.max(a, b));
  const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
  const loss = highest + Math.log(total) - scores[label]!;
  scores.forEach((score, index) => {
    scores[index] = Math.exp(score - highest) / total - (index === label ? 1 : 0);
  });
  return loss;
}

function addOuterProduct(
  gradient: Float64Array,
  x: SparseMatrix,
  row: number,
  errors: Float64Array,
  scale: number,
): void {
  const numClasses = errors.length;
  for (let entry = x.starts[row]!; entry < x.starts[row + 1]!; entry++) {
    const offset = x.columns[entry]! * numClasses;
    const value = x.values[entry]! * scale;
    for (let label = 0; label < numClasses; label++) gradient[offset + label]! += value * errors[label]!;
  }
  for (let label = 0; label < numClasses; label++)
    gradient[x.numColumns * numClasses + label]! += scale * errors[label]!;
}

function classify(x: SparseMatrix, coefficients: Float64Array, numClasses: number): Int32Array {
  return Int32Array.from({ length: x.numRows }, (_, row) => {
    const scores = scoreRow(x, row, coefficients, numClasses);
    return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
  });
}
