import { InputError } from '@qb-heat/core';
import {
  measureNormalization,
  openImages,
  syntheticImages,
  type ImageDataset,
  type MaskedImageModelOptions,
} from '@qb-heat/vision';
import { hashParts } from '../../results/content-hash.ts';
import type { DataDescription } from '../../results/schema.ts';
import type { DataPath } from '../data-sources.ts';
import type { VisionExperiment } from '../description.ts';
import { readFor } from '../read-for.ts';

type ImageOptions = MaskedImageModelOptions['image'];

/** Pictures with what a model has to know of them. */
export interface VisionData {
  readonly dataset: ImageDataset;
  readonly image: ImageOptions;
  readonly description: DataDescription;
}

/**
 * Reads the pictures, or draws them where no path is given.
 *
 * @throws InputError that names the option, if there are none, or fewer to train on than a batch holds, or patches don't
 * tile them.
 */
export async function openVisionData(source: DataPath | null, settings: VisionExperiment): Promise<VisionData> {
  const { numTrain, numTest } = settings;
  const dataset =
    source === null
      ? syntheticImages({ numTrain, numTest })
      : await readFor('images', () => openImages(source.path, { trainLimit: numTrain, testLimit: numTest }));
  checkSize(dataset, settings);
  const { height, width, numChannels, train } = dataset;
  const { mean, std } = measureNormalization(train, numChannels);
  const image = { height, width, numChannels, normalization: { mean: [...mean], std: [...std] } };
  return { dataset, image, description: describeData(dataset, source) };
}

function checkSize(dataset: ImageDataset, { optimization, model: { patchSize } }: VisionExperiment): void {
  const { batchSize } = optimization;
  const numImages = dataset.train.labels.length;
  if (numImages < batchSize) {
    throw new InputError(
      `--images: ${dataset.name} has ${numImages} images to train on, fewer than a batch of ${batchSize}; ` +
        'give more, or an experiment with a smaller batchSize (--experiments)',
    );
  }
  if (dataset.height % patchSize === 0 && dataset.width % patchSize === 0) return;
  throw new InputError(
    `--images: pictures of ${dataset.height}×${dataset.width} are not a whole number of patches of ${patchSize}×${patchSize}`,
  );
}

function describeData(dataset: ImageDataset, source: DataPath | null): DataDescription {
  const { name, synthetic, classes, train, test, warnings } = dataset;
  return {
    suite: 'vision',
    use: classes.length > 1 ? ['pre-training', 'probes'] : ['pre-training'],
    name,
    path: source?.given ?? null,
    synthetic,
    classes: [...classes],
    numTrain: train.labels.length,
    numTest: test.labels.length,
    sha256: hashParts([train.images, train.labels, test.images, test.labels]),
    notes: source === null ? [...warnings] : warnings.map((note) => note.replaceAll(source.path, source.given)),
  };
}
