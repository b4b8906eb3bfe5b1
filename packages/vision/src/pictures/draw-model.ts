import * as tf from '@tensorflow/tfjs';
import type { ImageBatch } from '../data/image-batches.ts';
import type { MaskedImageModel } from '../masked-image-model.ts';
import { drawContactSheet } from './contact-sheet.ts';
import type { SheetColumn } from './contact-sheet.ts';
import { fitFeatureColors } from './feature-colors.ts';

/** Small images are enlarged until a picture's sides are about this many pixels long. */
const PICTURE_SIDE = 96;

/**
 * A PNG with a row for each image of the batch: original | visible | reconstruction.
 */
export async function drawReconstructions(model: MaskedImageModel, batch: ImageBatch): Promise<Uint8Array> {
  const { visible, reconstruction } = model.reconstruct(batch);
  try {
    const columns = await Promise.all([batch.images, visible, reconstruction].map(readColumn));
    return await drawContactSheet(columns, tileSize(batch.images));
  } finally {
    tf.dispose([visible, reconstruction]);
  }
}

/**
 * A PNG with a row for each image of the batch: original | features of the full image | features that the fill predicts
 * from the visible patches. Both maps share the colors, which are principal components of the true features.
 */
export async function drawFeatureMaps(model: MaskedImageModel, batch: ImageBatch): Promise<Uint8Array> {
  const { predicted, actual } = model.predictFeatures(batch);
  const [, height, width, dim] = actual.shape;
  try {
    const maps = await Promise.all([actual.data<'float32'>(), predicted.data<'float32'>()]);
    const colors = fitFeatureColors(maps[0], dim);
    const columns = maps.map((map): SheetColumn => ({ pixels: colors.apply(map), height, width, numChannels: 3 }));
    return await drawContactSheet([await readColumn(batch.images), ...columns], tileSize(batch.images));
  } finally {
    tf.dispose([predicted, actual]);
  }
}

async function readColumn(images: tf.Tensor4D): Promise<SheetColumn> {
  const [, height, width, channels] = images.shape;
  return { pixels: await images.data(), height, width, numChannels: channels === 1 ? 1 : 3 };
}

function tileSize(images: tf.Tensor4D): { tileHeight: number; tileWidth: number } {
  const [, height, width] = images.shape;
  const zoom = Math.max(1, Math.round(PICTURE_SIDE / Math.max(height, width)));
  return { tileHeight: height * zoom, tileWidth: width * zoom };
}
