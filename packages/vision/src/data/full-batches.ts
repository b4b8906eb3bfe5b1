import * as tf from '@tensorflow/tfjs';
import { imageSize } from './image-dataset.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
import { scalePixels } from './scale-pixels.ts';

/** Images in their order, for use in evaluation. */
export interface FullBatch {
  /** Pixels from 0 to 1, float32 `[batchSize, height, width, numChannels]`. Whoever takes the batch disposes it. */
  readonly images: tf.Tensor4D;
  /** Number of the first image. */
  readonly first: number;
  /** Images in the batch; those behind are black. */
  readonly count: number;
}

/**
 * All images, `batchSize` at a time. The last batch is filled up with black images, so that all have one shape and a
 * backend that compiles does so once.
 */
export function* fullBatches(split: ImageSplit, shape: ImageShape, batchSize: number): Generator<FullBatch> {
  const { height, width, numChannels } = shape;
  const size = imageSize(shape);
  const numImages = split.labels.length;
  for (let first = 0; first < numImages; first += batchSize) {
    const count = Math.min(batchSize, numImages - first);
    const pixels = new Float32Array(batchSize * size);
    scalePixels(split.images.subarray(first * size, (first + count) * size), pixels);
    yield { images: tf.tensor4d(pixels, [batchSize, height, width, numChannels]), first, count };
  }
}
