import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { fitSentencePredictors, sentencePredictors, takeRows } from './sentence-predictors.ts';
import type { FittedSentencePredictors, SentencePredictor } from './sentence-predictors.ts';
import { groupSentences, meanReciprocal, rankTargets } from './sentence-retrieval.ts';
import type { SentenceVectors } from './sentences.ts';

export interface NextSentenceOptions {
  /** Decides the distractors, the validation pairs, and the start and order of the MLP's training. */
  readonly seed: number;
  /** Wrong sentences of its own corpus beside each right one; 100 by default. */
  readonly numDistractors?: number;
  /** Optimiser steps of the MLP; 500 by default. */
  readonly numSteps?: number;
  readonly signal?: AbortSignal | undefined;
}

/** How well the next sentence is found by its predicted vector. */
export interface NextSentenceScore {
  readonly predictor: SentencePredictor;
  /** Share of the pairs whose right sentence is the first, among the first five, the first ten. */
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly recallAt10: number;
  readonly meanReciprocalRank: number;
  /** 1 − Σ‖s′ − ŝ‖² / Σ‖s′ − mean‖², which rewards averages: predictors are chosen by retrieval, not by it. */
  readonly r2: number;
  readonly numPairs: number;
}

/**
 * Tests a linear map from each sentence to the next, s_{t+1} = (I + A) s_t, against copying, the mean, ridge regression and a small
 * MLP: each is fitted on training pairs, predicts the vector after each held-out sentence, and is scored by how high the
 * right sentence ranks by cosine among distractors, the same for all. Vectors are centred by the training mean.
 *
 * Throws an `InputError` when there are fewer than ten training pairs, no test pair, or too few sentences for the
 * distractors.
 */
export async function evaluateNextSentence(
  train: SentenceVectors,
  test: SentenceVectors,
  { seed, numDistractors = 100, numSteps = 500, signal }: NextSentenceOptions,
): Promise<NextSentenceScore[]> {
  checkVectors(train, test, numDistractors);
  const { dim } = train;
  const tensors = tf.tidy(() => {
    const mean = tf.tensor2d(train.vectors, [train.vectors.length / dim, dim]).mean<tf.Tensor2D>(0, true);
    const [trained, held] = [train, test].map(({ vectors }) =>
      tf.tensor2d(vectors, [vectors.length / dim, dim]).sub(mean),
    ) as [tf.Tensor2D, tf.Tensor2D];
    return {
      trained,
      trainedY: takeRows(trained, afterEach(train.sources)),
      testX: takeRows(held, test.sources),
      testY: takeRows(held, afterEach(test.sources)),
      candidates: held,
    };
  });
  let predictors: FittedSentencePredictors | undefined;
  try {
    const options = { seed, numDistractors, corpora: test.corpora };
    const { trained: vectors } = tensors;
    const fit = { seed, numDistractors, numSteps, signal };
    predictors = await fitSentencePredictors({ vectors, sources: train.sources, corpora: train.corpora }, fit);
    const scores: NextSentenceScore[] = [];
    for (const predictor of sentencePredictors) {
      await setImmediate();
      signal?.throwIfAborted();
      const prediction = predictors.predict(predictor, tensors.testX);
      const ranks = await rankTargets(prediction, tensors.candidates, test.sources, options);
      scores.push({
        predictor,
        ...summarizeRanks(ranks),
        r2: await explainedShare(prediction, tensors.testY, tensors.trainedY),
      });
      prediction.dispose();
    }
    return scores;
  } finally {
    predictors?.dispose();
    tf.dispose(tensors);
  }
}

function afterEach(sources: Int32Array): Int32Array {
  return sources.map((source) => source + 1);
}

function checkVectors(train: SentenceVectors, test: SentenceVectors, numDistractors: number): void {
  if (train.dim !== test.dim) {
    throw new InputError(`evaluateNextSentence: test vectors must have dim ${train.dim}, got ${test.dim}`);
  }
  const numSentences = test.vectors.length / test.dim;
  const problem = problemWithSentences(train.sources, { ...test, numSentences }, numDistractors);
  if (problem !== null) throw new InputError(`evaluateNextSentence: ${problem}`);
}

/**
 * Why sentences are too few for `evaluateNextSentence`, in words; null where they suffice. It can be asked before they are
 * encoded.
 *
 * @param trainSources as in a `SentenceSequence`.
 */
export function problemWithSentences(
  trainSources: Int32Array,
  test: Pick<SentenceVectors, 'sources' | 'corpora'> & { readonly numSentences: number },
  numDistractors: number,
): string | null {
  if (trainSources.length < 10 || test.sources.length < 1) {
    return (
      `needs 10 training pairs and a test pair of neighbouring sentences, got ` +
      `${trainSources.length} and ${test.sources.length}; texts of one sentence have none`
    );
  }
  const membersOf = groupSentences(test.corpora ?? new Int32Array(test.numSentences));
  const fewest = test.sources.reduce((least, source) => Math.min(least, membersOf(source).members.length), Infinity);
  // The sentence itself and the one after it are no distractors.
  if (fewest - 2 >= numDistractors) return null;
  return `${numDistractors} distractors need ${numDistractors + 2} test sentences of a corpus, got ${fewest}`;
}

function summarizeRanks(ranks: Float64Array): Omit<NextSentenceScore, 'predictor' | 'r2'> {
  const shareWithin = (limit: number) => ranks.filter((rank) => rank <= limit).length / ranks.length;
  return {
    recallAt1: shareWithin(1),
    recallAt5: shareWithin(5),
    recallAt10: shareWithin(10),
    meanReciprocalRank: meanReciprocal(ranks),
    numPairs: ranks.length,
  };
}

async function explainedShare(prediction: tf.Tensor2D, target: tf.Tensor2D, trainTarget: tf.Tensor2D): Promise<number> {
  const share = tf.tidy(() => {
    const baseline = tf.squaredDifference(target, trainTarget.mean(0, true)).sum();
    return tf.sub(1, tf.squaredDifference(target, prediction).sum().div(baseline));
  });
  const [value] = await share.data();
  share.dispose();
  return value!;
}
