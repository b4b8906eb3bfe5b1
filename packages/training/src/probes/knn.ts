import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { accuracy } from '../metrics/accuracy.ts';
import { readSets } from './labelled-features.ts';
import type { FeatureMatrix, LabelledFeatures, ProbeResult } from './labelled-features.ts';

export interface KnnProbeOptions {
  /** Neighbors that vote; fewer when the training set is smaller. Default 20. */
  readonly k?: number;
  /** Lower makes near neighbors count more. Default 0.07. */
  readonly temperature?: number;
  /** Ends the probe: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Similarities that are held at a time: 32 MiB. */
const maxSimilarities = 2 ** 23;

/**
 * Classifies each test sample by the training samples nearest to it in angle, each voting for its class with
 *
 *     exp(cosine similarity / temperature)
 *
 * as Wu et al. (arXiv 1805.01978, section 3.4) do and frozen encoders are commonly judged. Nothing is trained. A tie
 * goes to the lower class. Features of length zero have similarity 0 to all.
 *
 * Throws an `InputError` when the sets don't fit each other or hold numbers that are not finite.
 */
export async function knnProbe(
  trainSet: LabelledFeatures,
  testSet: LabelledFeatures,
  { k = 20, temperature = 0.07, signal }: KnnProbeOptions = {},
): Promise<ProbeResult> {
  if (!(Number.isInteger(k) && k >= 1)) throw new InputError(`knnProbe: k must be a whole number from 1, got ${k}`);
  if (!(temperature > 0)) throw new InputError(`knnProbe: temperature must be positive, got ${temperature}`);
  const { train, test } = await readSets('knnProbe', trainSet, testSet);
  const numNeighbors = Math.min(k, train.numSamples);
  const batchSize = Math.max(1, Math.min(test.numSamples, Math.floor(maxSimilarities / train.numSamples)));

  const predictions = new Int32Array(test.numSamples);
  const trainUnit = tf.tensor2d(toUnitLength(train), [train.numSamples, train.dim]);
  const testUnit = toUnitLength(test);
  try {
    for (let start = 0; start < test.numSamples; start += batchSize) {
      await setImmediate();
      signal?.throwIfAborted();
      const end = Math.min(start + batchSize, test.numSamples);
      const batch = testUnit.subarray(start * test.dim, end * test.dim);
      const nearest = tf.tidy(() => {
        const x = tf.tensor2d(batch, [end - start, test.dim]);
        return tf.topk(tf.matMul(x, trainUnit, false, true), numNeighbors); // [batch, numNeighbors] each
      });
      const [similarities, neighbors] = await Promise.all([nearest.values.data(), nearest.indices.data()]);
      tf.dispose([nearest.values, nearest.indices]);
      for (let row = 0; row < end - start; row++) {
        const range = [row * numNeighbors, (row + 1) * numNeighbors] as const;
        const votes = new Float64Array(train.numClasses);
        for (let place = range[0]; place < range[1]; place++) {
          const label = train.labels[neighbors[place] as number] as number;
          // Divided by the largest possible vote, which leaves the order and keeps small temperatures finite.
          votes[label] = (votes[label] as number) + Math.exp(((similarities[place] as number) - 1) / temperature);
        }
        predictions[start + row] = votes.indexOf(Math.max(...votes));
      }
    }
  } finally {
    trainUnit.dispose();
  }
  return { accuracy: accuracy(predictions, test.labels), predictions };
}

/** The rows divided by their Euclidean lengths. */
function toUnitLength({ values, numSamples, dim }: FeatureMatrix): Float32Array {
  const unit = new Float32Array(values.length);
  for (let row = 0; row < numSamples; row++) {
    const features = values.subarray(row * dim, (row + 1) * dim);
    const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0));
    if (length > 0)
      unit.set(
        features.map((value) => value / length),
        row * dim,
      );
  }
  return unit;
}
