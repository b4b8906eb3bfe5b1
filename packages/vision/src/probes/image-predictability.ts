import { InputError, measurePredictability } from '@qb-heat/core';
import type { Axis, Predictability } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from '../backbone.ts';
import { takeImages } from '../data/image-dataset.ts';
import type { ImageDataset, ImageSplit } from '../data/image-dataset.ts';
import { encodeImages } from '../features.ts';
import type { ImageProbeOptions } from './image-probes.ts';

export interface ImagePredictabilityOptions extends ImageProbeOptions {
  /** Distances k in patches. Default: 1, 2, … up to one less than the grid is long. */
  readonly offsets?: readonly number[];
  /** Images that the maps are fitted on, and that they are scored on, at most. Default 2,000. */
  readonly maxImages?: number;
}

/**
 * Linear predictability R²(k) of an encoder's feature maps of full images, along x and along y: how well the best linear
 * map, fitted on training images and scored on test images, predicts the feature k patches away, against copying it. See
 * core's `measurePredictability`.
 *
 * @throws InputError if an offset reaches beyond the grid.
 */
export async function measureImagePredictability(
  backbone: ImageBackbone,
  data: ImageDataset,
  options: ImagePredictabilityOptions = {},
): Promise<Record<Axis, Predictability[]>> {
  const { maxImages = 2000, batchSize, signal } = options;
  const { height, width } = backbone.grid;
  const offsetsOf = (length: number) => options.offsets ?? Array.from({ length: length - 1 }, (_, i) => i + 1);
  for (const offset of options.offsets ?? []) {
    if (Number.isInteger(offset) && offset >= 1 && offset < Math.min(height, width)) continue;
    throw new InputError(
      `measureImagePredictability: offsets must be from 1 to less than the grid of ${height}×${width}, got ${offset}`,
    );
  }
  const encode = async (split: ImageSplit): Promise<tf.Tensor4D> => {
    const count = Math.min(maxImages, split.labels.length);
    const images = takeImages(
      split,
      data,
      Int32Array.from({ length: count }, (_, i) => i),
    );
    const { data: features } = await encodeImages(backbone, images, {
      pool: 'none',
      signal,
      ...(batchSize !== undefined && { batchSize }),
    });
    return tf.tensor4d(features, [count, height, width, backbone.dim]);
  };
  const train = await encode(data.train);
  const test = await encode(data.test);
  try {
    return {
      x: await measurePredictability(train, test, { axis: 'x', offsets: offsetsOf(width) }),
      y: await measurePredictability(train, test, { axis: 'y', offsets: offsetsOf(height) }),
    };
  } finally {
    tf.dispose([train, test]);
  }
}
