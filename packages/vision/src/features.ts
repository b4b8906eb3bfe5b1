import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from './backbone.ts';
import { fullBatches } from './data/full-batches.ts';
import { imageSize } from './data/image-dataset.ts';
import type { ImageShape, ImageSplit } from './data/image-dataset.ts';
import { scalePixels } from './data/scale-pixels.ts';

export interface EncodeImagesOptions {
  /** Images encoded at a time; bounds the memory. Default 128. */
  readonly batchSize?: number;
  /** `mean` of the feature map over its places (default), or `none`: the whole map. */
  readonly pool?: 'mean' | 'none';
  /** Stops after the batch under way by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Features of many images, in memory. */
export interface ImageFeatures {
  /** Row-major. */
  readonly data: Float32Array;
  /** `[numImages, dim]`, or `[numImages, gridHeight, gridWidth, dim]` of whole maps. */
  readonly shape: readonly number[];
}

/**
 * Features of full images from a frozen encoder, for probes.
 *
 * @throws InputError if the images are not of the size that the encoder takes.
 */
export async function encodeImages(
  backbone: ImageBackbone,
  split: ImageSplit,
  options: EncodeImagesOptions = {},
): Promise<ImageFeatures> {
  const { batchSize = 128, pool = 'mean', signal } = options;
  const { image } = backbone.config;
  const { height, width } = backbone.grid;
  const size = imageSize(image);
  const numImages = split.labels.length;
  if (split.images.length !== numImages * size) {
    throw new InputError(
      `encodeImages: expected images of ${image.height}×${image.width}×${image.numChannels}, ` +
        `got ${split.images.length} bytes for ${numImages} images`,
    );
  }
  const shape = pool === 'mean' ? [backbone.dim] : [height, width, backbone.dim];
  const featureSize = tf.util.sizeFromShape(shape);
  const data = new Float32Array(numImages * featureSize);
  signal?.throwIfAborted();
  for (const { images, first, count } of fullBatches(split, image, Math.min(batchSize, numImages))) {
    const features = tf.tidy(() => {
      const map = backbone.encode(images);
      return pool === 'mean' ? map.mean([1, 2]) : map;
    });
    images.dispose();
    const values = await features.data<'float32'>();
    features.dispose();
    data.set(values.subarray(0, count * featureSize), first * featureSize);
    signal?.throwIfAborted();
  }
  return { data, shape: [numImages, ...shape] };
}

/** Raw pixels from 0 to 1 as features: the control that a probe has to beat. `[numImages, height · width · channels]`. */
export function pixelFeatures(split: ImageSplit, shape: ImageShape): ImageFeatures {
  const data = new Float32Array(split.images.length);
  scalePixels(split.images, data);
  return { data, shape: [split.labels.length, imageSize(shape)] };
}
