import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from '../backbone.ts';
import { imageSize } from '../data/image-dataset.ts';
import { scalePixels } from '../data/scale-pixels.ts';
import { encodeImages } from '../features.ts';

/** Feature maps of pictures by their number. */
export interface FeatureMaps {
  /** Of these pictures, float32 `[items, gridHeight, gridWidth, dim]`. The caller disposes them. */
  take(items: ArrayLike<number>): tf.Tensor4D;
}

export interface FeatureMapsOptions {
  /** Pictures encoded at a time. */
  readonly batchSize: number;
  /** Maps that take more memory than this many bytes are computed when they are asked for instead of once. */
  readonly cacheBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The feature maps of a frozen backbone: computed once and kept, where they fit.
 *
 * @param pixels bytes, `[numPictures, height, width, numChannels]`, of the size that the backbone takes.
 */
export async function openFeatureMaps(
  backbone: ImageBackbone,
  pixels: Uint8Array,
  { batchSize, cacheBytes, signal }: FeatureMapsOptions,
): Promise<FeatureMaps> {
  const { image } = backbone.config;
  const { grid, dim } = backbone;
  const numPictures = pixels.length / imageSize(image);
  const mapSize = grid.height * grid.width * dim;
  if (numPictures * mapSize * Float32Array.BYTES_PER_ELEMENT > cacheBytes) {
    return {
      take: (items) =>
        tf.tidy(() => {
          const values = gatherRows(pixels, imageSize(image), items, new Uint8Array(items.length * imageSize(image)));
          const scaled = new Float32Array(values.length);
          scalePixels(values, scaled);
          return backbone.encode(tf.tensor4d(scaled, [items.length, image.height, image.width, image.numChannels]));
        }),
    };
  }
  const split = { images: pixels, labels: new Int32Array(numPictures) };
  const { data } = await encodeImages(backbone, split, { batchSize, pool: 'none', signal });
  return {
    take: (items) => {
      const values = gatherRows(data, mapSize, items, new Float32Array(items.length * mapSize));
      return tf.tensor4d(values, [items.length, grid.height, grid.width, dim]);
    },
  };
}

function gatherRows<T extends Uint8Array | Float32Array>(
  rows: T,
  size: number,
  items: ArrayLike<number>,
  target: T,
): T {
  for (let i = 0; i < items.length; i++) target.set(rows.subarray(items[i]! * size, (items[i]! + 1) * size), i * size);
  return target;
}
