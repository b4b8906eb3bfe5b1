import { InputError } from '@qb-heat/core';
import type { ImageDataset, ImageShape, ImageSplit } from './image-dataset.ts';

/** Mean and standard deviation of each channel, with pixel values scaled to 0 … 1. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A channel of one color in every image must not be divided by 0. */
const MIN_STD = 1 / 255;

/**
 * The normalisation that gives each channel mean 0 and standard deviation 1 over all pixels of the images.
 *
 * @throws InputError if there are no images.
 */
export function measureNormalization(split: ImageSplit, numChannels: number): Normalization {
  const numPixels = split.images.length / numChannels;
  if (numPixels === 0) throw new InputError('measureNormalization: expected at least one image, got none');
  // Counting the 256 values of each channel is exact, and quicker than a sum of squares over every pixel.
  const counts = Array.from({ length: numChannels }, () => new Float64Array(256));
  for (let i = 0; i < split.images.length; i++) counts[i % numChannels]![split.images[i]!]!++;
  const mean = counts.map((count) => count.reduce((sum, times, value) => sum + times * value, 0) / numPixels);
  const std = counts.map((count, channel) => {
    const squares = count.reduce((sum, times, value) => sum + times * (value - mean[channel]!) ** 2, 0);
    return Math.sqrt(squares / numPixels);
  });
  return { mean: mean.map((value) => value / 255), std: std.map((value) => Math.max(value / 255, MIN_STD)) };
}

/** What a model has to know of the images of a set: their size, and the normalisation measured on the training part. */
export function describeImages(dataset: ImageDataset): ImageShape & { readonly normalization: Normalization } {
  const { height, width, numChannels, train } = dataset;
  return { height, width, numChannels, normalization: measureNormalization(train, numChannels) };
}
