import { InputError } from '@qb-heat/core';
import type { Random } from '@qb-heat/training';
import type { ImageShape } from './image-dataset.ts';

/** Random changes to an image that keep what it shows. */
export interface Augmentation {
  /** Share of the area that a random crop keeps, `[least, most]`; the crop is resized to the full image. */
  readonly cropScale: readonly [number, number];
  /** Whether every other image, by chance, is mirrored left to right. */
  readonly flip: boolean;
}

/** A part of an image that is to fill all of it, in pixels that need not be whole. */
export interface Crop {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Left to right. */
  readonly isMirrored: boolean;
}

/** Random resized crop and flip as MAE pre-trains with (He et al. 2022, appendix A.1). */
export const maeAugmentation: Augmentation = { cropScale: [0.2, 1], flip: true };

/** Proportions of a crop, width / height, drawn uniformly in their logarithm. */
const CROP_RATIO = [3 / 4, 4 / 3] as const;

/** @throws InputError if the crop's scale is no range within 0 … 1. */
export function checkAugmentation({ cropScale: [least, most] }: Augmentation): void {
  if (!(least > 0 && least <= most && most <= 1)) {
    throw new InputError(`augmentation.cropScale must satisfy 0 < least <= most <= 1, got [${least}, ${most}]`);
  }
}

/** Draws a crop. One that is too long for the image is cut to it, so that every draw gives one. */
export function drawCrop({ cropScale: [least, most], flip }: Augmentation, shape: ImageShape, random: Random): Crop {
  const area = least + (most - least) * random.uniform();
  const [narrow, wide] = CROP_RATIO;
  // A crop of the whole area has the image's own proportions.
  const ratio = least === 1 ? 1 : narrow * (wide / narrow) ** random.uniform();
  const height = shape.height * Math.min(1, Math.sqrt(area / ratio));
  const width = shape.width * Math.min(1, Math.sqrt(area * ratio));
  return {
    top: (shape.height - height) * random.uniform(),
    left: (shape.width - width) * random.uniform(),
    height,
    width,
    isMirrored: flip && random.uniform() < 0.5,
  };
}

/**
 * Writes a crop, resized to the whole image (bilinear), as values from 0 to 1.
 *
 * @param pixels 0 … 255, `[height, width, numChannels]`.
 * @param target where to write, `[height, width, numChannels]`.
 */
export function cropImage(pixels: Uint8Array, shape: ImageShape, crop: Crop, target: Float32Array): void {
  const { height, width, numChannels } = shape;
  const rows = sampleLine(height, crop.height, crop.top, false);
  const columns = sampleLine(width, crop.width, crop.left, crop.isMirrored);
  let to = 0;
  for (let row = 0; row < height; row++) {
    const above = rows.before[row]! * width;
    const below = rows.after[row]! * width;
    const down = rows.weight[row]!;
    for (let column = 0; column < width; column++) {
      const left = columns.before[column]!;
      const right = columns.after[column]!;
      const across = columns.weight[column]!;
      for (let channel = 0; channel < numChannels; channel++) {
        const topLeft = pixels[(above + left) * numChannels + channel]!;
        const topRight = pixels[(above + right) * numChannels + channel]!;
        const bottomLeft = pixels[(below + left) * numChannels + channel]!;
        const bottomRight = pixels[(below + right) * numChannels + channel]!;
        const top = topLeft + across * (topRight - topLeft);
        const bottom = bottomLeft + across * (bottomRight - bottomLeft);
        target[to++] = (top + down * (bottom - top)) / 255;
      }
    }
  }
}

/** For each place of a line of `length` pixels that shows a crop: the two pixels that it lies between, and how far. */
function sampleLine(length: number, cropLength: number, cropStart: number, isMirrored: boolean) {
  const before = new Int32Array(length);
  const after = new Int32Array(length);
  const weight = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const place = isMirrored ? length - 1 - i : i;
    const centre = cropStart + ((place + 0.5) * cropLength) / length - 0.5;
    const clamped = Math.min(length - 1, Math.max(0, centre));
    before[i] = Math.floor(clamped);
    after[i] = Math.min(length - 1, before[i]! + 1);
    weight[i] = clamped - before[i]!;
  }
  return { before, after, weight };
}
