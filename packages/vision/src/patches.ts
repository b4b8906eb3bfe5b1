import { InputError } from '@qb-heat/core';
import type { Grid } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { ImageShape } from './data/image-dataset.ts';

/**
 * The grid of patches of an image.
 *
 * @param patchSize side of a patch in pixels.
 * @throws InputError if patches don't tile the image.
 */
export function patchGrid(shape: Pick<ImageShape, 'height' | 'width'>, patchSize: number): Grid {
  const { height, width } = shape;
  if (!(Number.isInteger(patchSize) && patchSize > 0) || height % patchSize !== 0 || width % patchSize !== 0) {
    throw new InputError(
      `patchGrid: patchSize must divide the image's height and width, got ${patchSize} for ${height}×${width}; ` +
        `choose another patchSize or resize the images`,
    );
  }
  return { height: height / patchSize, width: width / patchSize };
}

/**
 * Cuts images into square patches.
 *
 * @param images `[batch, height, width, channels]`.
 * @param patchSize side of a patch in pixels; divides height and width.
 * @returns `[batch, numPatches, patchSize · patchSize · channels]`, patches in raster order, each a small NHWC image
 * laid flat. The caller disposes it.
 */
export function patchify(images: tf.Tensor4D, patchSize: number): tf.Tensor3D {
  const [batch, height, width, channels] = images.shape;
  const grid = patchGrid({ height, width }, patchSize);
  // A pixel row of a patch lies contiguous in the image, so one swap of rows and patch columns does it, at rank 4.
  return tf.tidy(() =>
    images
      .reshape([batch * grid.height, patchSize, grid.width, patchSize * channels])
      .transpose([0, 2, 1, 3]) // [batch · gridHeight, gridWidth, patchSize, patchSize · channels]
      .reshape<tf.Tensor3D>([batch, grid.height * grid.width, patchSize * patchSize * channels]),
  );
}

/**
 * Puts patches together to images: the inverse of {@link patchify}.
 *
 * @param patches `[batch, numPatches, patchSize · patchSize · channels]`, raster order.
 * @param grid how many patches lie over and beside each other; their product is numPatches.
 * @returns `[batch, grid.height · patchSize, grid.width · patchSize, channels]`. The caller disposes it.
 */
export function unpatchify(patches: tf.Tensor3D, grid: Grid, patchSize: number): tf.Tensor4D {
  const [batch, numPatches, patchDim] = patches.shape;
  const channels = patchDim / (patchSize * patchSize);
  if (numPatches !== grid.height * grid.width || !Number.isInteger(channels)) {
    throw new InputError(
      `unpatchify: patches must be [batch, ${grid.height} · ${grid.width}, ${patchSize}² · channels], ` +
        `got [${patches.shape.join(', ')}]`,
    );
  }
  return tf.tidy(() =>
    patches
      .reshape([batch * grid.height, grid.width, patchSize, patchSize * channels])
      .transpose([0, 2, 1, 3]) // [batch · gridHeight, patchSize, gridWidth, patchSize · channels]
      .reshape<tf.Tensor4D>([batch, grid.height * patchSize, grid.width * patchSize, channels]),
  );
}
