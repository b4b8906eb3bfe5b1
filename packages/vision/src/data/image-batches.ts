import { InputError } from '@qb-heat/core';
import type { Visibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { Batch, BatchSource } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { MaskSampler } from '../masks.ts';
import { checkAugmentation, drawCrop } from './augment.ts';
import type { Augmentation } from './augment.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
import { preparePixels } from './pixel-work.ts';
import type { PixelTask } from './pixel-work.ts';

/** Images on the backend, with what the encoder may see of them. */
export interface ImageBatch extends Batch {
  /** Pixels from 0 to 1, float32 `[batch, height, width, channels]`. */
  readonly images: tf.Tensor4D;
  /** `[batch]`. */
  readonly labels: Int32Array;
  readonly visibility: Visibility;
}

/** Batches by number, and how many of them go through all images once. */
export interface ImageBatches {
  readonly numBatches: number;
  readonly source: BatchSource<ImageBatch>;
}

export interface ImageBatchesOptions {
  readonly batchSize: number;
  /** Which patches are visible. */
  readonly sampleMask: MaskSampler;
  /** Draws the order, the masks and the augmentation. */
  readonly seed: number;
}

/** Options of batches to train on. */
export interface TrainingBatchesOptions extends ImageBatchesOptions {
  /** None if undefined. */
  readonly augmentation?: Augmentation | undefined;
}

/** What a batch will hold, before its pixels are prepared. */
export interface BatchPlan extends PixelTask {
  readonly visibility: Visibility;
}

/**
 * Batches to train on: every epoch goes through the images once in a new order, less a rest that fills no batch, with
 * new masks. Batch number n depends on the seed and n alone.
 *
 * @throws InputError if there are fewer images than a batch holds, or the augmentation is out of range.
 */
export function trainingBatches(split: ImageSplit, shape: ImageShape, options: TrainingBatchesOptions): ImageBatches {
  const { numBatches, planBatch } = planTraining(split, shape, options);
  return {
    numBatches,
    source: (index) => {
      const plan = planBatch(index);
      return makeBatch(split, shape, plan, preparePixels(split.images, shape, plan));
    },
  };
}

/**
 * The draws of `trainingBatches`: which images, crops and masks each batch has.
 *
 * @throws InputError if there are fewer images than a batch holds, or the augmentation is out of range.
 */
export function planTraining(
  split: ImageSplit,
  shape: ImageShape,
  { batchSize, sampleMask, seed, augmentation }: TrainingBatchesOptions,
): { readonly numBatches: number; readonly planBatch: (index: number) => BatchPlan } {
  const numImages = split.labels.length;
  checkBatchSize(batchSize, numImages);
  if (augmentation !== undefined) checkAugmentation(augmentation);
  const random = createRandom(seed).fork('training batches');
  const numBatches = Math.floor(numImages / batchSize);
  const orderOf = cacheLast((epoch: number) => random.fork('order').fork(epoch).permutation(numImages));
  return {
    numBatches,
    planBatch: (index) => {
      const first = (index % numBatches) * batchSize;
      const draws = random.fork('batch').fork(index);
      const cropDraws = draws.fork('augmentation');
      return {
        items: orderOf(Math.floor(index / numBatches)).slice(first, first + batchSize),
        crops: augmentation && Array.from({ length: batchSize }, () => drawCrop(augmentation, shape, cropDraws)),
        visibility: sampleMask(batchSize, draws.fork('mask')),
      };
    },
  };
}

/**
 * Batches to evaluate on: the images in their order, less a rest that fills no batch, each with one mask that the seed
 * determines, so that every evaluation sees the same.
 *
 * @throws InputError if there are fewer images than a batch holds.
 */
export function evaluationBatches(split: ImageSplit, shape: ImageShape, options: ImageBatchesOptions): ImageBatches {
  const { batchSize, sampleMask, seed } = options;
  const numImages = split.labels.length;
  checkBatchSize(batchSize, numImages);
  const random = createRandom(seed).fork('evaluation batches');
  const numBatches = Math.floor(numImages / batchSize);
  return {
    numBatches,
    source: (index) => {
      const first = (index % numBatches) * batchSize;
      const items = Int32Array.from({ length: batchSize }, (_, i) => first + i);
      const plan = { items, crops: undefined, visibility: sampleMask(batchSize, random.fork(index % numBatches)) };
      return makeBatch(split, shape, plan, preparePixels(split.images, shape, plan));
    },
  };
}

/** A batch of what was planned, with the pixels that were prepared for it. */
export function makeBatch(
  split: ImageSplit,
  { height, width, numChannels }: ImageShape,
  { items, visibility }: BatchPlan,
  pixels: Float32Array,
): ImageBatch {
  const images = tf.tensor4d(pixels, [items.length, height, width, numChannels]);
  return {
    images,
    labels: items.map((item) => split.labels[item]!),
    visibility,
    numItems: items.length,
    dispose: () => images.dispose(),
  };
}

function checkBatchSize(batchSize: number, numImages: number): void {
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new InputError(`batchSize must be a positive whole number, got ${batchSize}`);
  }
  if (numImages < batchSize) {
    throw new InputError(`batchSize: ${batchSize} is more than the ${numImages} images that there are`);
  }
}

/** `compute` with its last result remembered: consecutive batches share an epoch's order. */
function cacheLast<T>(compute: (key: number) => T): (key: number) => T {
  let last: { readonly key: number; readonly value: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: compute(key) };
    return last.value;
  };
}
