import { InputError } from '@qb-heat/core';
import { AdamW, createRandom, pretrain, warmupCosine } from '@qb-heat/training';
import type { ForwardContext, PretrainingModel, StepRecord } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from '../backbone.ts';
import { fullBatches } from '../data/full-batches.ts';
import type { AnnotatedPicture } from './data/detection-dataset.ts';
import { loadPictures, mirrorPictures } from './data/load-pictures.ts';
import { detectionBatches, placeOnGrid } from './detection-batches.ts';
import type { DetectionBatch } from './detection-batches.ts';
import type { FeatureStatistics } from './detection-head.ts';
import { focalLoss, giouLoss } from './detection-loss.ts';
import { Detector } from './detector.ts';
import type { DetectorOptions } from './detector.ts';
import { openFeatureMaps } from './feature-maps.ts';
import { resizeBackbone } from './resize-backbone.ts';

export interface TrainDetectorOptions {
  readonly numSteps: number;
  /** Pictures a step. Default 8, or all when they are fewer. */
  readonly batchSize?: number;
  /** The highest of the run: it warms up over a tenth of the steps and falls by half a cosine. Default 2e-3. */
  readonly learningRate?: number;
  /** Default 0.05. */
  readonly weightDecay?: number;
  /** Whether every other picture, by chance, is mirrored left to right. Default true. */
  readonly flip?: boolean;
  /** Feature maps are computed once if they all take no more bytes than this, else in every step. Default 2 GiB. */
  readonly cacheBytes?: number;
  /** Draws the order of the pictures and what is mirrored. Default 0. */
  readonly seed?: number;
  /** Ends the training after the step under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Of the loss of the boxes against that of the classes. */
const BOX_WEIGHT = 2;
/** Pictures that the features' statistics are measured on. */
const NUM_MEASURED = 32;

/**
 * A detector whose head starts from what the training pictures are like: it standardises each channel of the features,
 * so that encoders whose features have other scales are judged alike, and its boxes start at the usual size.
 *
 * @param backbone is copied; whoever made it disposes it. The caller disposes the detector.
 * @throws InputError if there is no class or no box, or patches don't tile the size.
 */
export async function createDetector(
  backbone: ImageBackbone,
  pictures: readonly AnnotatedPicture[],
  options: Omit<DetectorOptions, 'statistics' | 'typicalReach'>,
): Promise<Detector> {
  const { height, width, seed = 0 } = options;
  const resized = resizeBackbone(backbone, { height, width });
  try {
    const sides = pictures.flatMap((picture) => {
      const { boxes, labels } = placeOnGrid(picture, resized.grid, false);
      return [...labels.keys()].map((box) => Math.sqrt(boxes[4 * box + 2]! * boxes[4 * box + 3]!));
    });
    if (sides.length === 0) throw new InputError('createDetector: expected at least one box to learn from, got none');
    const typicalReach = Math.exp(sides.reduce((sum, side) => sum + Math.log(side), 0) / sides.length) / 2;
    const random = createRandom(seed).fork('feature statistics');
    const measured = random.sample(pictures.length, Math.min(NUM_MEASURED, pictures.length));
    const statistics = await measureChannels(
      resized,
      [...measured].map((item) => pictures[item]!),
    );
    return new Detector(backbone, { ...options, typicalReach, statistics });
  } finally {
    resized.dispose();
  }
}

/**
 * Trains a detector's head in place on annotated pictures and yields a record per step. The backbone is frozen and sees
 * each picture as it is and mirrored. Crowds are neither learned nor held against the detector.
 *
 * Equal detectors, pictures and seeds give equal weights, on the same backend to the bit.
 *
 * @throws InputError if a picture doesn't decode, or the training diverges.
 */
export async function* trainDetector(
  detector: Detector,
  pictures: readonly AnnotatedPicture[],
  options: TrainDetectorOptions,
): AsyncGenerator<StepRecord, void, undefined> {
  const { numSteps, learningRate = 2e-3, weightDecay = 0.05, flip = true, seed = 0, signal } = options;
  const { cacheBytes = 2 ** 31 } = options;
  const batchSize = Math.min(options.batchSize ?? 8, pictures.length);
  const { backbone, classes } = detector;
  const { image } = backbone.config;
  const plain = await loadPictures(pictures, image);
  const pixels = flip ? concat(plain, mirrorPictures(plain, image)) : plain;
  const maps = await openFeatureMaps(backbone, pixels, { batchSize, cacheBytes, signal });
  const batches = detectionBatches(pictures, maps, {
    grid: backbone.grid,
    numClasses: classes.length,
    batchSize,
    isMirrored: flip,
    seed,
  });
  const model = new HeadTraining(detector);
  const optimizer = new AdamW(model.parameters, { betas: [0.9, 0.999], weightDecay, maxGradientNorm: 10 });
  try {
    const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps: Math.floor(numSteps / 10) });
    yield* pretrain(model, { batches, optimizer, schedule, numSteps, signal });
  } finally {
    optimizer.dispose();
  }
}

/** What `pretrain` trains: the head of a detector. */
class HeadTraining implements PretrainingModel<DetectionBatch> {
  readonly #detector: Detector;

  constructor(detector: Detector) {
    this.#detector = detector;
  }

  get parameters() {
    return this.#detector.parameters;
  }

  loss(batch: DetectionBatch, _context: ForwardContext): tf.Scalar {
    return tf.tidy(() => {
      const { logits, boxes } = this.#detector.apply(batch.features);
      const classLoss = focalLoss(logits, batch.centers, batch.negativeWeights);
      return tf.add<tf.Scalar>(classLoss, tf.mul(BOX_WEIGHT, giouLoss(boxes, batch.boxes, batch.boxWeights)));
    });
  }

  async diagnostics(): Promise<Record<string, number>> {
    return {};
  }

  /** The head belongs to the detector. */
  dispose(): void {}
}

/** Mean and deviation of each channel of the features over pictures and places. */
async function measureChannels(
  backbone: ImageBackbone,
  pictures: readonly AnnotatedPicture[],
): Promise<FeatureStatistics> {
  const { image } = backbone.config;
  const images = await loadPictures(pictures, image);
  const [sum, squares] = [new Float64Array(backbone.dim), new Float64Array(backbone.dim)];
  // One picture at a time: a batch is filled up with black ones, which must not count.
  for (const batch of fullBatches({ images, labels: new Int32Array(pictures.length) }, image, 1)) {
    const [mean, variance] = tf.tidy(() => {
      const moments = tf.moments(backbone.encode(batch.images), [0, 1, 2]);
      return [moments.mean, moments.variance] as const;
    });
    const [means, variances] = await Promise.all([mean.data<'float32'>(), variance.data<'float32'>()]);
    tf.dispose([mean, variance, batch.images]);
    means.forEach((value, channel) => {
      sum[channel]! += value;
      squares[channel]! += variances[channel]! + value * value;
    });
  }
  const mean = sum.map((value) => value / pictures.length);
  // A channel that is the same everywhere must not be divided by 0.
  const std = squares.map((value, channel) => Math.sqrt(Math.max(value / pictures.length - mean[channel]! ** 2, 1e-6)));
  return { mean, std };
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
