import { InputError } from '@qb-heat/core';
import type { Visibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { Batch, BatchSource, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { MaskSampler } from '../masks.ts';
import { checkAugmentation, cropImage, drawCrop } from './augment.ts';
import type { Augmentation } from './augment.ts';
import { imageSize } from './image-dataset.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
import { scalePixels } from './scale-pixels.ts';

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

/**
 * Batches to train on: every epoch goes through the images once in a new order, less a rest that fills no batch, with
 * new masks. Batch number n depends on the seed and n alone.
 *
 * @param options.augmentation none if undefined.
 * @throws InputError if there are fewer images than a batch holds.
 */
export function trainingBatches(
  split: ImageSplit,
  shape: ImageShape,
  options: ImageBatchesOptions & { readonly augmentation?: Augmentation | undefined },
): ImageBatches {
  const { batchSize, sampleMask, seed, augmentation } = options;
  const numImages = split.labels.length;
  checkBatchSize(batchSize, numImages);
  if (augmentation !== undefined) checkAugmentation(augmentation);
  const random = createRandom(seed).fork('training batches');
  const numBatches = Math.floor(numImages / batchSize);
  const orderOf = cacheLast((epoch: number) => random.fork('order').fork(epoch).permutation(numImages));
  return {
    numBatches,
    source: (index) => {
      const first = (index % numBatches) * batchSize;
      const items = orderOf(Math.floor(index / numBatches)).subarray(first, first + batchSize);
      const draws = random.fork('batch').fork(index);
      const pixels = readPixels(split, shape, items, augmentation, draws.fork('augmentation'));
      return makeBatch(split, shape, items, pixels, sampleMask(batchSize, draws.fork('mask')));
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
      const pixels = readPixels(split, shape, items, undefined, random);
      return makeBatch(split, shape, items, pixels, sampleMask(batchSize, random.fork(index % numBatches)));
    },
  };
}

/** Pixels from 0 to 1 of the chosen images, `[items, height, width, numChannels]`. */
function readPixels(
  split: ImageSplit,
  shape: ImageShape,
  items: Int32Array,
  augmentation: Augmentation | undefined,
  random: Random,
): Float32Array {
  const size = imageSize(shape);
  const pixels = new Float32Array(items.length * size);
  items.forEach((item, i) => {
    const image = split.images.subarray(item * size, (item + 1) * size);
    const target = pixels.subarray(i * size, (i + 1) * size);
    if (augmentation === undefined) scalePixels(image, target);
    else cropImage(image, shape, drawCrop(augmentation, shape, random), target);
  });
  return pixels;
}

function makeBatch(
  split: ImageSplit,
  { height, width, numChannels }: ImageShape,
  items: Int32Array,
  pixels: Float32Array,
  visibility: Visibility,
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
