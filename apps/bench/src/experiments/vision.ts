import { InputError, type FillName } from '@qb-heat/core';
import {
  encodeImages,
  evaluationBatches,
  maeAugmentation,
  MaskedImageModel,
  measureNormalization,
  openImages,
  pixelFeatures,
  syntheticImages,
  trainingBatches,
  type ImageBatch,
  type ImageDataset,
  type MaskedImageModelOptions,
} from '@qb-heat/vision';
import type { LabelledFeatures } from '@qb-heat/training';
import { hashParts } from '../results/content-hash.ts';
import type { DataDescription } from '../results/schema.ts';
import type { Cell, Drawing } from './cell.ts';
import { ComparisonSuite } from './comparison-suite.ts';
import { baselineFill, listCells, majorityControl, untrainedControl } from './list-cells.ts';
import { meanOverBatches } from './mean-over-batches.ts';
import type { BuiltCell, Modality, Part } from './modality.ts';
import { encodePictureRow } from './picture-row.ts';
import type { HeldOut, OptimizationSettings, Trial } from './pretrain-trial.ts';
import type { ProbeSettings } from './probe-features.ts';
import type { Suite } from './suite.ts';

/** Sizes of the image experiments, which a preset sets. */
export type VisionSettings = {
  /** Images to pre-train and fit probes on, at most, and held-out ones to score on. */
  readonly numTrain: number;
  readonly numTest: number;
  /** Held-out batches that the loss is measured on, at most. */
  readonly maxHeldOutBatches: number;
  /** Everything of the model but the data's shape, the fill and the seed. */
  readonly model: Omit<MaskedImageModelOptions, 'image' | 'fill' | 'seed' | 'mask'>;
  readonly isAugmented: boolean;
  readonly optimization: OptimizationSettings;
  readonly probes: ProbeSettings;
};

export interface VisionOptions {
  /** Null for synthetic pictures. */
  readonly path: string | null;
  readonly seeds: readonly number[];
  /** What is compared with the mask token; null for the paper's method. */
  readonly fills: readonly FillName[] | null;
  readonly settings: VisionSettings;
}

/** The raw pixels: what the probes make of no features at all. */
const pixelsControl = 'raw-pixels';

/** Pictures in the report. */
const numPictures = 8;

/** Masks of held-out images come from one seed, so that every run is scored on the same. */
const heldOutSeed = 0;

/** Reads the pictures and lists the cells: QB-Heat's linear prediction from a centre block against a mask token there. */
export async function openVisionSuite(options: VisionOptions): Promise<Suite> {
  const { path, seeds, fills, settings } = options;
  const { numTrain, numTest } = settings;
  const dataset =
    path === null
      ? syntheticImages({ numTrain, numTest })
      : await openImages(path, { trainLimit: numTrain, testLimit: numTest });
  checkSize(dataset, settings);
  return new ComparisonSuite(new VisionModality(dataset, describeData(dataset, path), { seeds, fills, settings }));
}

class VisionModality implements Modality<ImageBatch> {
  readonly unit = 'images';
  readonly data: DataDescription;
  readonly cells: readonly Cell[];
  readonly optimization: OptimizationSettings;
  readonly probes: ProbeSettings;
  readonly #dataset: ImageDataset;
  readonly #settings: VisionSettings;
  readonly #image: ImageOptions;
  #knownReferenceLoss: number | undefined;

  constructor(dataset: ImageDataset, data: DataDescription, options: Omit<VisionOptions, 'path'>) {
    const { seeds, fills, settings } = options;
    this.data = data;
    this.optimization = settings.optimization;
    this.probes = settings.probes;
    this.#dataset = dataset;
    this.#settings = settings;
    this.#image = describeImage(dataset);
    this.cells = listCells({
      suite: 'vision',
      dataset: data.name,
      encoder: encoderLabel(settings.model.encoder),
      seeds,
      comparisons: [{ masking: 'block', fills: fills ?? ['linear'] }],
      seedlessControls: data.classes.length > 1 ? [pixelsControl, majorityControl] : [],
      settings,
    });
  }

  build(cell: Cell): BuiltCell<ImageBatch> {
    const { model: options, isAugmented, optimization, maxHeldOutBatches } = this.#settings;
    const { seed } = cell;
    const fill = cell.method === untrainedControl ? baselineFill : (cell.method as FillName);
    const model = new MaskedImageModel({ ...options, image: this.#image, mask: { kind: 'block' }, fill, seed });
    const dataset = this.#dataset;
    const { sampleMask } = model;
    const batches = { batchSize: optimization.batchSize, sampleMask };
    const training = trainingBatches(dataset.train, dataset, {
      ...batches,
      seed,
      augmentation: isAugmented ? maeAugmentation : undefined,
    });
    const evaluation = evaluationBatches(dataset.test, dataset, { ...batches, seed: heldOutSeed });
    const numBatches = Math.min(maxHeldOutBatches, evaluation.numBatches);
    const heldOut = { batches: evaluation.source, numBatches };
    return {
      model,
      trainingBatches: training.source,
      heldOut,
      cost: describeCost(model),
      referenceLoss: () => this.#referenceLoss(model, heldOut),
      encode: async (part, signal) => {
        const { data } = await encodeImages(model.backbone, dataset[part], { signal });
        return this.#label(part, data);
      },
      pictures: () => this.#drawPictures(model),
      dispose: () => model.dispose(),
    };
  }

  labels(part: Part): Int32Array {
    return this.#dataset[part].labels;
  }

  async plainFeatures(control: string, part: Part): Promise<LabelledFeatures | undefined> {
    if (control !== pixelsControl) return undefined;
    return this.#label(part, pixelFeatures(this.#dataset[part], this.#dataset).data);
  }

  #label(part: Part, features: Float32Array): LabelledFeatures {
    return { features, labels: this.labels(part), numClasses: this.data.classes.length };
  }

  /** It depends on the pictures and their masks alone, so any model measures it once for all. */
  async #referenceLoss(model: MaskedImageModel, heldOut: HeldOut<ImageBatch>): Promise<number> {
    this.#knownReferenceLoss ??= await meanOverBatches(heldOut, async (batch) => {
      const { referenceLoss } = await model.diagnostics(batch);
      return referenceLoss ?? Number.NaN;
    });
    return this.#knownReferenceLoss;
  }

  async #drawPictures(model: MaskedImageModel): Promise<Drawing[]> {
    const dataset = this.#dataset;
    const batchSize = Math.min(numPictures, dataset.test.labels.length);
    const { sampleMask } = model;
    const batch = await evaluationBatches(dataset.test, dataset, { batchSize, sampleMask, seed: heldOutSeed }).source(
      0,
    );
    const { visible, reconstruction } = model.reconstruct(batch);
    try {
      const rows = [
        { label: 'original', png: await encodePictureRow(batch.images) },
        { label: 'visible', png: await encodePictureRow(visible) },
        { label: 'reconstruction', png: await encodePictureRow(reconstruction) },
      ];
      const caption = 'Held-out pictures; the visible part is copied into the reconstruction, the rest is predicted.';
      return [{ kind: 'reconstruction', caption, numPictures: batchSize, rows }];
    } finally {
      batch.dispose();
      visible.dispose();
      reconstruction.dispose();
    }
  }
}

/** Kind and size, as the runs name it. */
function encoderLabel(encoder: VisionSettings['model']['encoder']): string {
  const { kind = 'vit', preset = 'femto' } = encoder ?? {};
  return `${kind}-${preset}`;
}

function describeCost({ backbone, config: { mask } }: MaskedImageModel): Trial<ImageBatch>['cost'] {
  const { grid } = backbone;
  const visible = { height: grid.height / 2, width: grid.width / 2 };
  return {
    flopsPerStep: null,
    encoderParameters: [...backbone.parameters.values()].reduce((sum, variable) => sum + variable.size, 0),
    encoderFlopsVisible: mask.kind === 'block' ? backbone.countFlops(visible) : null,
    encoderFlopsFull: backbone.countFlops(),
  };
}

type ImageOptions = MaskedImageModelOptions['image'];

/** What a model has to know of its pictures. */
function describeImage({ height, width, numChannels, train }: ImageDataset): ImageOptions {
  const { mean, std } = measureNormalization(train, numChannels);
  return {
    height,
    width,
    numChannels,
    normalization: { mean: [...mean], std: [...std] },
  };
}

function checkSize(dataset: ImageDataset, { optimization, model }: VisionSettings): void {
  const { batchSize } = optimization;
  for (const part of ['train', 'test'] as const) {
    const numImages = dataset[part].labels.length;
    if (numImages >= batchSize) continue;
    throw new InputError(
      `--images: ${dataset.name} has ${numImages} ${part} images, fewer than a batch of ${batchSize}`,
    );
  }
  const { patchSize = 4 } = model;
  if (dataset.height % patchSize === 0 && dataset.width % patchSize === 0) return;
  throw new InputError(
    `--images: pictures of ${dataset.height}×${dataset.width} are not a whole number of patches of ${patchSize}×${patchSize}`,
  );
}

function describeData(dataset: ImageDataset, path: string | null): DataDescription {
  const { name, synthetic, classes, train, test, warnings } = dataset;
  return {
    suite: 'vision',
    use: ['pre-training', 'probes'],
    name,
    path,
    synthetic,
    classes: [...classes],
    numTrain: train.labels.length,
    numTest: test.labels.length,
    sha256: hashParts([train.images, train.labels, test.images, test.labels]),
    notes: [...warnings],
  };
}
