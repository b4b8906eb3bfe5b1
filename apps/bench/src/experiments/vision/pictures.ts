import { evaluationBatches, fitFeatureColors, type ImageDataset, type MaskedImageModel } from '@qb-heat/vision';
import * as tf from '@tensorflow/tfjs';
import type { Drawing } from '../cell.ts';
import { encodePictureRow } from './picture-row.ts';

/** Pictures in a row of the report. */
const numPictures = 8;

/** Held-out pictures as the model sees and rebuilds them, and their features as the fill predicts them. */
export async function drawModel(model: MaskedImageModel, dataset: ImageDataset, seed: number): Promise<Drawing[]> {
  const batchSize = Math.min(numPictures, dataset.test.labels.length);
  const { sampleMask } = model;
  const batch = await evaluationBatches(dataset.test, dataset, { batchSize, sampleMask, seed }).source(0);
  const { visible, reconstruction } = model.reconstruct(batch);
  const features = model.config.fillAt === 'features' ? model.predictFeatures(batch) : null;
  try {
    const original = { label: 'original', png: await encodePictureRow(batch.images) };
    const rows = [
      original,
      { label: 'visible', png: await encodePictureRow(visible) },
      { label: 'reconstruction', png: await encodePictureRow(reconstruction) },
    ];
    const caption = 'Held-out pictures; the visible part is copied into the reconstruction, the rest is predicted.';
    const drawings: Drawing[] = [{ kind: 'reconstruction', caption, numPictures: batchSize, rows }];
    if (features !== null) drawings.push(await drawFeatures(original, features, dataset));
    return drawings;
  } finally {
    batch.dispose();
    tf.dispose([visible, reconstruction]);
    if (features !== null) tf.dispose([features.actual, features.predicted]);
  }
}

async function drawFeatures(
  original: Drawing['rows'][number],
  { actual, predicted }: { readonly actual: tf.Tensor4D; readonly predicted: tf.Tensor4D },
  { height, width }: ImageDataset,
): Promise<Drawing> {
  const [count, gridHeight, gridWidth, dim] = actual.shape;
  const colors = fitFeatureColors(await actual.data<'float32'>(), dim);
  const draw = async (map: tf.Tensor4D): Promise<Uint8Array> => {
    const values = colors.apply(await map.data<'float32'>());
    const enlarged = tf.tidy(() =>
      tf.image.resizeNearestNeighbor(tf.tensor4d(values, [count, gridHeight, gridWidth, 3]), [height, width]),
    );
    try {
      return await encodePictureRow(enlarged);
    } finally {
      enlarged.dispose();
    }
  };
  return {
    kind: 'features',
    caption: 'Three principal components of the features as red, green and blue, the same for both rows.',
    numPictures: count,
    rows: [
      original,
      { label: 'features of the whole picture', png: await draw(actual) },
      { label: 'features predicted from the visible part', png: await draw(predicted) },
    ],
  };
}
