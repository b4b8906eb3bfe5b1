import { InputError } from '@qb-heat/core';
import sharp from 'sharp';
import type { ImageShape, ImageSplit } from './image-dataset.ts';
import { imageSize } from './image-dataset.ts';

/** Pictures with a shorter side than this hold no texture (tracking pixels, icons of a color) and are skipped. */
const MIN_SIDE = 8;

/** A picture's pixels, or why it is left out. */
export type DecodedImage =
  | { readonly pixels: Uint8Array; readonly isAnimated: boolean }
  | { readonly skipped: 'undecodable' | 'too small'; readonly reason: string };

/**
 * A picture file as `[height, width, numChannels]` bytes of sRGB or grey.
 *
 * Its orientation tag is applied, transparency is laid over white, CMYK and 16-bit values are converted, of an
 * animation the first frame is taken, and it is cropped around its centre to the wanted proportions before it is
 * resized (Lanczos).
 */
export async function decodeImage(file: string, shape: ImageShape): Promise<DecodedImage> {
  try {
    const image = sharp(file, { failOn: 'error' });
    const { width, height, pages = 1 } = await image.metadata();
    if (Math.min(width, height) < MIN_SIDE) {
      return { skipped: 'too small', reason: `${width}×${height}` };
    }
    const pixels = await image
      .autoOrient()
      .flatten({ background: 'white' })
      .resize(shape.width, shape.height, { fit: 'cover' })
      .toColourspace(shape.numChannels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
    if (pixels.length !== imageSize(shape)) {
      return { skipped: 'undecodable', reason: `its colors don't convert to ${shape.numChannels} channels` };
    }
    return { pixels, isAnimated: pages > 1 };
  } catch (error) {
    return { skipped: 'undecodable', reason: (error as Error).message };
  }
}

/**
 * The images resized to another height and width (Lanczos; proportions are not kept, nothing is cropped).
 *
 * @throws InputError if the wanted number of channels differs: pictures that are read from files of raw pixels keep
 * their channels.
 */
export async function resizeImages(split: ImageSplit, from: ImageShape, to: ImageShape): Promise<ImageSplit> {
  if (from.numChannels !== to.numChannels) {
    throw new InputError(`resizeImages: numChannels must stay ${from.numChannels}, got ${to.numChannels}`);
  }
  if (from.height === to.height && from.width === to.width) return split;
  const raw = { height: from.height, width: from.width, channels: from.numChannels };
  const colors = from.numChannels === 1 ? 'b-w' : 'srgb';
  const size = imageSize(to);
  const images = new Uint8Array(split.labels.length * size);
  await forEachConcurrently(split.labels.length, async (i) => {
    const pixels = split.images.subarray(i * imageSize(from), (i + 1) * imageSize(from));
    const resized = sharp(pixels, { raw }).resize(to.width, to.height, { fit: 'fill' }).toColourspace(colors);
    images.set(await resized.raw().toBuffer(), i * size);
  });
  return { images, labels: split.labels };
}

/** Runs `work` for 0 … count − 1, enough of them at a time to keep libvips' threads busy and memory bounded. */
export async function forEachConcurrently(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, 16) }, lane));
}
