import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { accuracy } from '../metrics/accuracy.ts';
import { createRandom } from '../random.ts';
import { readSets } from './labelled-features.ts';
import type { FeatureMatrix, LabelledFeatures, ProbeResult } from './labelled-features.ts';
import { fitSoftmaxRegression, meanCrossEntropy, predictClasses } from './softmax-regression.ts';
import type { Samples, SoftmaxRegression } from './softmax-regression.ts';
import { measureFeatures, standardize } from './standardize.ts';
import type { FeatureStatistics } from './standardize.ts';

export interface LinearProbeOptions {
  /** Of the split that chooses the penalty. */
  readonly seed: number;
  /** Candidates for the weight of the L2 penalty, tried from large to small. */
  readonly penalties?: readonly number[];
  /** Ends the probe: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface LinearProbeResult extends ProbeResult {
  /** The penalty that was best on held-out training samples. */
  readonly penalty: number;
}

const defaultPenalties = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6];
/** Share of the training samples that choose the penalty, and the most that are worth their time. */
const [validationShare, maxValidation] = [0.2, 5000];
/** The largest component of the gradient that a fit ends at: to tell penalties apart, and to be scored. */
const [choiceTolerance, finalTolerance] = [1e-3, 3e-4];
/**
 * The same over the penalty. Weights are at most gradient / penalty from the optimum, so that a tolerance which is fine for
 * a large penalty would end the fit of a small one where the one before it ended.
 */
const [relativeChoiceTolerance, relativeFinalTolerance] = [1, 0.3];
/** Added to the variance, as MAE's probe does. */
const epsilon = 1e-6;

/**
 * Trains a linear classifier on frozen features and scores it on the test set: batch normalization without affine terms,
 * by the statistics of the training set, then softmax regression with an L2 penalty.
 *
 * The regression is solved to its optimum by L-BFGS and its penalty chosen on a fifth of the training samples, then it is
 * solved again on all of them: the linear evaluation of Kornblith et al. (arXiv 1805.08974) that SimCLR and BYOL
 * transfer by. Unlike descent for a number of epochs, it has no learning rate that would suit one encoder and not
 * another. Equal features and seed give an equal result, to the bit on the same backend.
 *
 * Throws an `InputError` when the sets don't fit each other or hold numbers that are not finite.
 */
export async function linearProbe(
  trainSet: LabelledFeatures,
  testSet: LabelledFeatures,
  { seed, penalties = defaultPenalties, signal }: LinearProbeOptions,
): Promise<LinearProbeResult> {
  if (penalties.length === 0 || penalties.some((penalty) => !(penalty > 0 && penalty < Infinity))) {
    throw new InputError(`linearProbe: penalties must be positive, got [${penalties.join(', ')}]`);
  }
  const { train, test } = await readSets('linearProbe', trainSet, testSet);
  const statistics = measureFeatures(train, epsilon);
  const order = createRandom(seed).fork('linearProbe').permutation(train.numSamples);
  const numValidation = Math.min(maxValidation, Math.floor(validationShare * train.numSamples));
  const fitting = createSamples(train, statistics, order.subarray(numValidation));
  const validation = createSamples(train, statistics, order.subarray(0, numValidation));
  const testX = tf.tensor2d(standardize(test, statistics), [test.numSamples, test.dim]);
  try {
    const descending = penalties.toSorted((a, b) => b - a);
    const { penalty, model: start } = await choosePenalty(fitting, validation, descending, signal);
    const model = await fitSoftmaxRegression([fitting, validation], {
      penalty,
      start,
      tolerance: Math.min(finalTolerance, relativeFinalTolerance * penalty),
      signal,
    });
    const predictions = await predictClasses(testX, model);
    return { accuracy: accuracy(predictions, test.labels), predictions, penalty };
  } finally {
    tf.dispose([fitting.x, fitting.target, validation.x, validation.target, testX]);
  }
}

interface LabelledSamples extends Samples {
  readonly labels: Int32Array;
}

/** The standardized samples with these numbers, on the device. */
function createSamples(matrix: FeatureMatrix, statistics: FeatureStatistics, numbers: Int32Array): LabelledSamples {
  const labels = numbers.map((number) => matrix.labels[number] as number);
  const x = tf.tensor2d(standardize(matrix, statistics, numbers), [numbers.length, matrix.dim]);
  const target = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), matrix.numClasses).toFloat() as tf.Tensor2D);
  return { x, target, labels };
}

/**
 * The penalty that classifies the validation samples best, the larger of equals, and what was fitted with it. Each fit
 * starts where the one before ended, and goes no further than the choice needs. It stops looking once two in a row have
 * been better neither in accuracy nor in cross-entropy: while that falls, accuracy may stay for long before it rises.
 */
async function choosePenalty(
  fitting: Samples,
  validation: LabelledSamples,
  descending: readonly number[],
  signal: AbortSignal | undefined,
): Promise<{ penalty: number; model: SoftmaxRegression | undefined }> {
  let best: { penalty: number; model: SoftmaxRegression | undefined } = {
    penalty: descending[0] as number,
    model: undefined,
  };
  // With too few samples to hold any out, the most cautious penalty has to do.
  if (validation.labels.length === 0) return best;
  let [highestAccuracy, lowestCrossEntropy, numWithoutGain] = [-1, Infinity, 0];
  let start: SoftmaxRegression | undefined;
  for (const penalty of descending) {
    if (numWithoutGain === 2) break;
    const tolerance = Math.min(choiceTolerance, relativeChoiceTolerance * penalty);
    start = await fitSoftmaxRegression([fitting], { penalty, start, tolerance, signal });
    const score = accuracy(await predictClasses(validation.x, start), validation.labels);
    const crossEntropy = await meanCrossEntropy(validation, start);
    const isBest = score > highestAccuracy;
    numWithoutGain = isBest || crossEntropy < lowestCrossEntropy ? 0 : numWithoutGain + 1;
    if (isBest) [best, highestAccuracy] = [{ penalty, model: start }, score];
    lowestCrossEntropy = Math.min(lowestCrossEntropy, crossEntropy);
  }
  return best;
}
