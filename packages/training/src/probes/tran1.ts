import { setImmediate } from 'node:timers/promises';
import { InputError } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import { softmaxCrossEntropy } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../adamw.ts';
import type { ForwardContext } from '../layer.ts';
import { collectParameters, disposeParameters } from '../layers/composite.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { TransformerBlock } from '../layers/transformer-block.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { pretrain } from '../pretrain.ts';
import type { Batch, BatchSource, PretrainingModel } from '../pretraining-model.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { warmupCosine } from '../schedule.ts';
import { readSets } from './labelled-features.ts';
import type { FeatureMatrix, LabelledFeatures, ProbeResult } from './labelled-features.ts';
import { measureFeatures, standardize } from './standardize.ts';
import type { FeatureStatistics } from './standardize.ts';

export interface Tran1ProbeOptions {
  /** Feature vectors per sample: the features are `[numSamples, numPositions · dim]`, position by position. */
  readonly numPositions: number;
  /** Of the initial weights and the order of the samples. */
  readonly seed: number;
  /** Must divide `dim`. Default: one per 64 features, at least one. */
  readonly numHeads?: number;
  /** Passes over the training set. Default 20. */
  readonly numEpochs?: number;
  /** Default 128, or all samples when they are fewer. */
  readonly batchSize?: number;
  /** The highest of the run: it warms up over a tenth of the steps and falls by half a cosine. Default 1e-3. */
  readonly learningRate?: number;
  /** Ends the probe: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Added to the variance, as MAE's linear probe does. */
const epsilon = 1e-6;

/**
 * Trains one transformer block and a linear classifier on frozen feature maps and scores them on the test set: the
 * non-linear probe by which QB-Heat (arXiv 2211.13228) is judged.
 *
 * Per feature normalized by the training set, then block, layer norm, mean over the positions, linear; AdamW with weight
 * decay 0.05, softmax cross-entropy. No positions are embedded: the maps of an encoder carry them. Equal features and seed
 * give an equal result, to the bit on the same backend.
 *
 * Throws an `InputError` when the sets don't fit each other or the positions, hold numbers that are not finite, or the
 * training diverges.
 */
export async function tran1Probe(
  trainSet: LabelledFeatures,
  testSet: LabelledFeatures,
  options: Tran1ProbeOptions,
): Promise<ProbeResult> {
  const { numPositions, seed, numEpochs = 20, batchSize = 128, learningRate = 1e-3, signal } = options;
  const sets = await readSets('tran1Probe', trainSet, testSet);
  const train = toPositions(sets.train, numPositions);
  const test = toPositions(sets.test, numPositions);
  const { dim } = train;
  const statistics = measureFeatures(train, epsilon);
  const random = createRandom(seed).fork('tran1Probe');
  const numHeads = options.numHeads ?? Math.max(1, Math.floor(dim / 64));
  const size = Math.min(batchSize, sets.train.numSamples);
  const numSteps = numEpochs * Math.floor(sets.train.numSamples / size);

  const model = new Tran1Model({ dim, numHeads, numClasses: train.numClasses, random: random.fork('weights') });
  const optimizer = new AdamW(model.parameters, { betas: [0.9, 0.999], weightDecay: 0.05, maxGradientNorm: 1 });
  try {
    const batches = shuffledBatches(train, statistics, numPositions, size, random.fork('order'));
    const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps: Math.floor(numSteps / 10) });
    const steps = pretrain(model, { batches, optimizer, schedule, numSteps, signal });
    while (!(await steps.next()).done);
    signal?.throwIfAborted();

    const predictions = new Int32Array(sets.test.numSamples);
    for (let start = 0; start < predictions.length; start += size) {
      await setImmediate();
      signal?.throwIfAborted();
      const end = Math.min(start + size, predictions.length);
      const samples = Int32Array.from({ length: end - start }, (_, place) => start + place);
      const classes = tf.tidy(() => tf.argMax(model.scores(takeMaps(test, statistics, numPositions, samples)), 1));
      predictions.set(await classes.data<'int32'>(), start);
      classes.dispose();
    }
    return { accuracy: accuracy(predictions, sets.test.labels), predictions };
  } finally {
    model.dispose();
    optimizer.dispose();
  }
}

interface MapBatch extends Batch {
  /** float32 `[batch, numPositions, dim]`. */
  readonly maps: tf.Tensor3D;
  /** int32 `[batch]`. */
  readonly labels: tf.Tensor1D;
}

class Tran1Model implements PretrainingModel<MapBatch> {
  readonly parameters: Parameters;
  readonly #block: TransformerBlock;
  readonly #norm: LayerNorm;
  readonly #classifier: Linear;

  constructor(options: { dim: number; numHeads: number; numClasses: number; random: Random }) {
    const { dim, numHeads, numClasses, random } = options;
    this.#block = new TransformerBlock({ dim, numHeads, random: random.fork('block') });
    this.#norm = new LayerNorm({ dim });
    this.#classifier = new Linear({ inputDim: dim, outputDim: numClasses, random: random.fork('classifier') });
    this.parameters = collectParameters({ block: this.#block, norm: this.#norm, classifier: this.#classifier });
  }

  /** Scores of the classes, float32 `[batch, numClasses]`. The caller disposes them. */
  scores(maps: tf.Tensor3D, context?: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => {
      const attended = this.#norm.apply(this.#block.apply(maps, context)); // [batch, numPositions, dim]
      return this.#classifier.apply(tf.mean(attended, 1)) as tf.Tensor2D;
    });
  }

  loss({ maps, labels }: MapBatch, context: ForwardContext): tf.Scalar {
    return softmaxCrossEntropy(this.scores(maps, context), labels);
  }

  async diagnostics(): Promise<Record<string, number>> {
    return {};
  }

  dispose(): void {
    disposeParameters(this);
  }
}

/** The same numbers with one row per position; its labels are still one per sample. */
function toPositions(matrix: FeatureMatrix, numPositions: number): FeatureMatrix {
  const dim = matrix.dim / numPositions;
  if (!Number.isInteger(dim)) {
    throw new InputError(
      `tran1Probe: ${matrix.dim} features per sample cannot be those of numPositions = ${numPositions} positions`,
    );
  }
  return { ...matrix, numSamples: matrix.numSamples * numPositions, dim };
}

/** Batches of the training set in a new order each epoch; samples that don't fill a batch wait for the next epoch. */
function shuffledBatches(
  train: FeatureMatrix,
  statistics: FeatureStatistics,
  numPositions: number,
  size: number,
  random: Random,
): BatchSource<MapBatch> {
  const stepsPerEpoch = Math.floor(train.labels.length / size);
  return (index) => {
    const order = random.fork(Math.floor(index / stepsPerEpoch)).permutation(train.labels.length);
    const place = (index % stepsPerEpoch) * size;
    const samples = order.subarray(place, place + size);
    const maps = takeMaps(train, statistics, numPositions, samples);
    const labels = tf.tensor1d(
      samples.map((sample) => train.labels[sample] as number),
      'int32',
    );
    return { maps, labels, numItems: size, dispose: () => tf.dispose([maps, labels]) };
  };
}

/** The normalized maps of these samples, float32 `[samples, numPositions, dim]`. */
function takeMaps(
  matrix: FeatureMatrix,
  statistics: FeatureStatistics,
  numPositions: number,
  samples: Int32Array,
): tf.Tensor3D {
  const rows = Int32Array.from({ length: samples.length * numPositions }, (_, place) => {
    const sample = samples[Math.floor(place / numPositions)] as number;
    return sample * numPositions + (place % numPositions);
  });
  return tf.tensor3d(standardize(matrix, statistics, rows), [samples.length, numPositions, matrix.dim]);
}
