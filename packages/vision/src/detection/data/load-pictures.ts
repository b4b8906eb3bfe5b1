import { InputError } from '@qb-heat/core';
import sharp from 'sharp';
import { forEachConcurrently } from '../../data/decode-image.ts';
import { imageSize } from '../../data/image-dataset.ts';
import type { ImageShape } from '../../data/image-dataset.ts';
import type { AnnotatedPicture } from './detection-dataset.ts';

/**
 * The pixels of pictures, resized to one size (Lanczos; nothing is cropped, so that boxes scale with the sides).
 *
 * @returns bytes, `[numPictures, height, width, numChannels]`, row-major.
 * @throws InputError that names the first picture that doesn't decode.
 */
export async function loadPictures(
  pictures: readonly Pick<AnnotatedPicture, 'file'>[],
  shape: ImageShape,
): Promise<Uint8Array> {
  const { height, width, numChannels } = shape;
  const size = imageSize(shape);
  const pixels = new Uint8Array(pictures.length * size);
  await forEachConcurrently(pictures.length, async (i) => {
    const { file } = pictures[i]!;
    const decoded = await sharp(file)
      .flatten({ background: 'white' })
      .resize(width, height, { fit: 'fill' })
      .toColourspace(numChannels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer()
      .catch((error: Error) => {
        throw new InputError(`${file}: expected a picture; ${error.message}`, { cause: error });
      });
    if (decoded.length !== size) {
      throw new InputError(`${file}: its colors don't convert to ${numChannels} channels`);
    }
    pixels.set(decoded, i * size);
  });
  return pixels;
}

/** The same pictures mirrored left to right. */
export function mirrorPictures(pixels: Uint8Array, { width, numChannels }: ImageShape): Uint8Array {
  const mirrored = new Uint8Array(pixels.length);
  for (let row = 0; row < pixels.length; row += width * numChannels) {
    for (let x = 0; x < width; x++) {
      const from = row + (width - 1 - x) * numChannels;
      for (let channel = 0; channel < numChannels; channel++) {
        mirrored[row + x * numChannels + channel] = pixels[from + channel]!;
      }
    }
  }
  return mirrored;
}
