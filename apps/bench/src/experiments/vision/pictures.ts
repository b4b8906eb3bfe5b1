import { AdamW, pretrain, warmupCosine } from '@qb-heat/training';
import {
  drawHeatFigure,
  evaluationBatches,
  fitFeatureColors,
  fullVisibility,
  ImageClassifier,
  trainingBatches,
  type ImageBackbone,
  type ImageDataset,
  type MaskedImageModel,
} from '@qb-heat/vision';
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

/** Pictures of the figure of steady heat. */
const numHeatPictures = 4;

/** Of the classifier that the figure explains, on the frozen encoder: one pass over the pictures, at most this many steps. */
const [heatBatchSize, maxHeatSteps] = [128, 80];

/** The sources' first figure, of this encoder: steady heat beside what a linear classifier on it looks at. */
export async function drawHeat(
  backbone: ImageBackbone,
  dataset: ImageDataset,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<Drawing[]> {
  const { grid } = backbone;
  // Fewer cells have no inside for heat to settle in.
  if (dataset.classes.length < 2 || Math.min(grid.height, grid.width) < 3) return [];
  const classifier = new ImageClassifier(backbone, {
    numClasses: dataset.classes.length,
    head: 'linear',
    isFrozen: true,
    seed,
  });
  const optimizer = new AdamW(classifier.parameters);
  const sampleMask = (numImages: number) => fullVisibility(grid, numImages);
  const numPictured = Math.min(numHeatPictures, dataset.test.labels.length);
  const pictured = await evaluationBatches(dataset.test, dataset, { batchSize: numPictured, sampleMask, seed }).source(
    0,
  );
  try {
    const batchSize = Math.min(heatBatchSize, dataset.train.labels.length);
    const { source: batches, numBatches } = trainingBatches(dataset.train, dataset, { batchSize, sampleMask, seed });
    const numSteps = Math.min(numBatches, maxHeatSteps);
    const schedule = warmupCosine({ peak: 1e-2, numSteps, warmupSteps: Math.floor(numSteps / 10) });
    const steps = pretrain(classifier, { batches, optimizer, schedule, numSteps, signal });
    while (!(await steps.next()).done);
    signal.throwIfAborted();
    const { png } = await drawHeatFigure(classifier, pictured.images);
    return [
      {
        kind: 'heat-figure',
        caption: 'Steady heat, beside a class activation map and Integrated Gradients of the most likely class.',
        numPictures: numPictured,
        rows: [{ label: 'picture, steady heat, class activation map, Integrated Gradients', png }],
      },
    ];
  } finally {
    pictured.dispose();
    optimizer.dispose();
    classifier.dispose();
  }
}
