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
