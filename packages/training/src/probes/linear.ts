import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { accuracy } from '../metrics/accuracy.ts';
import { createRandom } from '../random.ts';
import { warmupCosine } from '../schedule.ts';
import { readSets } from './labelled-features.ts';
import type { FeatureMatrix, LabelledFeatures, ProbeResult } from './labelled-features.ts';
import { measureFeatures, standardize } from './standardize.ts';

export interface LinearProbeOptions {
  /** Of the order in which the samples come. */
  readonly seed: number;
  /** Passes over the training set. Default 90. */
  readonly numEpochs?: number;
  /** Default 256, or all samples when they are fewer. */
  readonly batchSize?: number;
  /** At a batch of 256; it is scaled with the batch, and falls to 0 by half a cosine. Default 0.1. */
  readonly learningRate?: number;
  /** Ends the probe: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const momentum = 0.9;
/** Added to the variance, as MAE does. */
const epsilon = 1e-6;
const predictionBatch = 1024;

/**
 * Trains a linear classifier on frozen features and scores it on the test set: batch normalization without affine terms,
 * then linear, softmax cross-entropy, by stochastic gradient descent with momentum 0.9 and no weight decay, as in MAE
 * (arXiv 2111.06377, appendix A.1) but for its layer-wise rates, which it needs for its batches of 16,384.
 *
 * The features don't change, so the normalization uses the statistics of the whole training set, and the classifier
 * starts from zero: only the order of the samples is drawn. Equal features and seed give an equal result to the bit on
 * the same backend.
 *
 * Throws an `InputError` when the sets don't fit each other, hold numbers that are not finite, or the training diverges.
 */
export async function linearProbe(
  trainSet: LabelledFeatures,
  testSet: LabelledFeatures,
  options: LinearProbeOptions,
): Promise<ProbeResult> {
  const { train, test } = await readSets('linearProbe', trainSet, testSet);
  const statistics = measureFeatures(train, epsilon);
  const classifier = createClassifier(train);
  try {
    const x = tf.tensor2d(standardize(train, statistics), [train.numSamples, train.dim]);
    try {
      await fit(classifier, x, train, options);
    } finally {
      x.dispose();
    }
    const predictions = await predict(classifier, standardize(test, statistics), test);
    return { accuracy: accuracy(predictions, test.labels), predictions };
  } finally {
    tf.dispose(Object.values(classifier));
  }
}

/** Weights and their velocities, all zero at first. */
interface Classifier {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly weightVelocity: tf.Variable<tf.Rank.R2>;
  readonly biasVelocity: tf.Variable<tf.Rank.R1>;
}

function createClassifier({ dim, numClasses }: FeatureMatrix): Classifier {
  return tf.tidy(() => ({
    weight: tf.variable(tf.zeros<tf.Rank.R2>([dim, numClasses])),
    bias: tf.variable(tf.zeros<tf.Rank.R1>([numClasses])),
    weightVelocity: tf.variable(tf.zeros<tf.Rank.R2>([dim, numClasses])),
    biasVelocity: tf.variable(tf.zeros<tf.Rank.R1>([numClasses])),
  }));
}

/** @param x standardized features of all samples, float32 `[numSamples, dim]`. */
async function fit(
  classifier: Classifier,
  x: tf.Tensor2D,
  { numSamples, labels, numClasses }: FeatureMatrix,
  { seed, numEpochs = 90, batchSize = 256, learningRate = 0.1, signal }: LinearProbeOptions,
): Promise<void> {
  const batch = Math.min(batchSize, numSamples);
  const stepsPerEpoch = Math.floor(numSamples / batch);
  const peak = (learningRate * batch) / 256;
  const schedule = warmupCosine({ peak, numSteps: numEpochs * stepsPerEpoch, warmupSteps: 0 });
  const random = createRandom(seed).fork('linearProbe');
  for (let epoch = 0; epoch < numEpochs; epoch++) {
    await setImmediate();
    signal?.throwIfAborted();
    const order = random.fork(epoch).permutation(numSamples);
    tf.tidy(() => {
      for (let step = 0; step < stepsPerEpoch; step++) {
        const samples = order.subarray(step * batch, (step + 1) * batch);
        const target = tf.oneHot(
          tf.tensor1d(
            Int32Array.from(samples, (sample) => labels[sample] as number),
            'int32',
          ),
          numClasses,
        );
        const rate = tf.scalar(schedule(epoch * stepsPerEpoch + step));
        descend(classifier, tf.gather(x, tf.tensor1d(samples, 'int32')), target, rate);
      }
    });
    // One read per epoch: a lazy backend then runs all its steps as one graph.
    const bias = await classifier.bias.data();
    if (!bias.every(Number.isFinite)) {
      throw new InputError(`linearProbe: diverged in epoch ${epoch}; try a learningRate below ${learningRate}`);
    }
  }
}

/**
 * One step on a batch: v ← momentum · v + gradient, w ← w − rate · v. The gradient of the mean cross-entropy by the
 * logits is (softmax(logits) − target) / batch.
 */
function descend(classifier: Classifier, x: tf.Tensor2D, target: tf.Tensor, rate: tf.Scalar): void {
  const { weight, bias, weightVelocity, biasVelocity } = classifier;
  const logits = tf.add(tf.matMul(x, weight), bias); // [batch, numClasses]
  const gradient = tf.div<tf.Tensor2D>(tf.sub(tf.softmax(logits), target), x.shape[0]);
  weightVelocity.assign(tf.add(tf.mul(weightVelocity, momentum), tf.matMul(x, gradient, true)));
  biasVelocity.assign(tf.add(tf.mul(biasVelocity, momentum), tf.sum(gradient, 0)));
  weight.assign(tf.sub(weight, tf.mul(weightVelocity, rate)));
  bias.assign(tf.sub(bias, tf.mul(biasVelocity, rate)));
}

async function predict(
  { weight, bias }: Classifier,
  standardized: Float32Array,
  { numSamples, dim }: FeatureMatrix,
): Promise<Int32Array> {
  const predictions = new Int32Array(numSamples);
  for (let start = 0; start < numSamples; start += predictionBatch) {
    const end = Math.min(start + predictionBatch, numSamples);
    const classes = tf.tidy(() => {
      const x = tf.tensor2d(standardized.subarray(start * dim, end * dim), [end - start, dim]);
      return tf.argMax(tf.add(tf.matMul(x, weight), bias), 1);
    });
    predictions.set(await classes.data<'int32'>(), start);
    classes.dispose();
  }
  return predictions;
}
