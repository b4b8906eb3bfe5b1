import { majorityClass, type LabelledFeatures } from '@qb-heat/training';
import {
  createImageModel,
  describeCost,
  evaluateByDistance,
  evaluationBatches,
  exportImageEncoder,
  maeAugmentation,
  MaskedImageModel,
  measureImagePredictability,
  pixelFeatures,
  prefetchedBatches,
  type ImageBatch,
  type ImageDataset,
  type ImageMethod,
  type ImageModelOptions,
  type PrefetchedBatches,
} from '@qb-heat/vision';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell, CellPlace } from '../cell.ts';
import { ComparisonSuite } from '../protocol/comparison-suite.ts';
import type { ProbeSettings, VisionExperiment } from '../description.ts';
import { cellAt, listCells, majorityControl, type SuiteMatrix } from '../list-cells.ts';
import { meanOverBatches } from '../protocol/mean-over-batches.ts';
import type { BuiltCell, Measured, Modality } from '../protocol/modality.ts';
import { offsetsUpTo, toCurves } from '../protocol/predictability.ts';
import type { HeldOut, Trial } from '../protocol/pretrain-trial.ts';
import { PretrainedEncoders } from '../protocol/pretrained.ts';
import { asProbes, probeTasks, type Part } from '../protocol/probes.ts';
import type { SharedSettings } from '../share-settings.ts';
import type { Suite } from '../suite.ts';
import type { VisionData } from './data.ts';
import { drawHeat, drawModel } from './pictures.ts';
import { probedImages } from './probes.ts';

/** The raw pixels: what the probes make of no features at all. */
const pixelsControl = 'raw-pixels';

/** Masks of held-out images come from one seed, so that every run is scored on the same. */
const heldOutSeed = 0;

/** The method whose encoder the figure of steady heat is drawn of. */
const figuredMethod = 'linear';

/** Lists the cells of the images' part of the comparison, ready to run. */
export function createVisionSuite(
  data: VisionData,
  experiment: VisionExperiment,
  seeds: readonly number[],
  encoders = new PretrainedEncoders(),
): Suite {
  return new ComparisonSuite(new VisionModality(data, experiment, seeds), encoders);
}

type VisionMask = NonNullable<VisionExperiment['comparisons']['block' | 'random']>['mask'];

/** All that determines a cell besides its place, its seed and the data. */
export type VisionSettings = SharedSettings<VisionMask, Pick<VisionExperiment, 'model' | 'isAugmented'>> &
  Pick<VisionExperiment, 'numTrain' | 'numTest'> & { readonly patchSize: number };

/** A cell's model, by itself too. */
interface VisionBuilt extends BuiltCell<ImageBatch> {
  readonly model: MaskedImageModel;
}

type VisionCell = Cell<VisionSettings>;

export class VisionModality implements Modality<ImageBatch, VisionSettings> {
  readonly name = 'vision';
  readonly unit = 'images';
  readonly data: readonly DataDescription[];
  readonly cells: readonly VisionCell[];
  readonly #data: VisionData;
  readonly #experiment: VisionExperiment;
  readonly #matrix: SuiteMatrix<VisionSettings, VisionMask>;
  readonly #referenceLosses = new Map<string, number>();

  constructor(data: VisionData, experiment: VisionExperiment, seeds: readonly number[]) {
    this.data = [data.description];
    this.#data = data;
    this.#experiment = experiment;
    this.#matrix = {
      suite: this.name,
      dataset: data.description.name,
      seeds,
      experiment,
      seedlessControls: data.dataset.classes.length > 1 ? [pixelsControl, majorityControl] : [],
      settingsOf: (shared) => settingsOf(experiment, shared),
    };
    this.cells = listCells(this.#matrix);
  }

  get dataset(): ImageDataset {
    return this.#data.dataset;
  }

  /** The cell of a method, listed or not. */
  cellAt(place: CellPlace & { readonly encoder: string }, seed: number): VisionCell {
    return cellAt(this.#matrix, place, seed);
  }

  build(cell: VisionCell): VisionBuilt {
    const { dataset } = this.#data;
    const { seed, settings } = cell;
    const model = this.createModel(cell);
    const { backbone, sampleMask } = model;
    const { optimization, isAugmented, maxHeldOutBatches } = settings.training ?? this.#experiment;
    const batches = { batchSize: optimization.batchSize, sampleMask };
    const augmentation = isAugmented ? maeAugmentation : undefined;
    const evaluation = evaluationBatches(dataset.test, dataset, {
      ...batches,
      batchSize: Math.min(optimization.batchSize, dataset.test.labels.length),
      seed: heldOutSeed,
    });
    const numBatches = Math.min(maxHeldOutBatches, evaluation.numBatches);
    const heldOut = { batches: evaluation.source, numBatches };
    // The thread that prepares them starts with the first batch: what is not trained needs none.
    let prefetched: PrefetchedBatches | undefined;
    const open = () => (prefetched ??= prefetchedBatches(dataset.train, dataset, { ...batches, seed, augmentation }));
    return {
      model,
      encoderParameters: backbone.parameters,
      optimization,
      probes: settings.probes,
      trainingBatches: (index) => open().source(index),
      batchesPerEpoch: Math.floor(dataset.train.labels.length / optimization.batchSize),
      heldOut,
      cost: costOf(model, optimization.batchSize),
      referenceLoss: () => this.#referenceLoss(model, heldOut),
      probedSets: (limits) => (dataset.classes.length > 1 ? [probedImages(backbone, dataset, limits)] : []),
      measureEncoder: (signal) => this.#measurePredictability(model, settings.probes, signal),
      measureModel: async (heldOutLoss, signal) => {
        // An autoencoder has nothing to predict: its loss is another, and no patch is far from what it sees.
        if (model.config.mask.kind === 'none') return { metrics: {}, curves: {} };
        const distances = await evaluateByDistance(model, { ...heldOut, signal });
        const points = distances.map(({ distance, loss }) => ({ x: distance, y: loss }));
        return { metrics: { heldOutLoss }, curves: { lossByDistance: points.filter(({ x }) => x > 0) } };
      },
      drawPictures: async (signal) => [
        ...(await drawModel(model, dataset, heldOutSeed)),
        ...(cell.method === figuredMethod ? await drawHeat(model.backbone, dataset, { seed, signal }) : []),
      ],
      exportEncoder: (folder) => exportImageEncoder(folder, backbone),
      dispose: async () => {
        model.dispose();
        await prefetched?.close();
      },
    };
  }

  checkExportable(): void {
    // Any of its encoders can be.
  }

  async runControl(cell: VisionCell, signal: AbortSignal): Promise<Record<string, number> | undefined> {
    const { dataset } = this.#data;
    const { probes } = cell.settings;
    const numClasses = dataset.classes.length;
    if (cell.method === majorityControl) {
      const { accuracy } = majorityClass({ ...dataset.train, numClasses }, dataset.test);
      return asProbes(accuracy, probes, null);
    }
    if (cell.method !== pixelsControl) return undefined;
    const features = async (part: Part): Promise<LabelledFeatures> => {
      const { data } = pixelFeatures(dataset[part], dataset);
      return { features: data, labels: dataset[part].labels, numClasses };
    };
    const metrics: Record<string, number> = {};
    for (const { name, run } of probeTasks({ name: null, features }, probes, { seed: 0, signal }))
      metrics[name] = await run();
    return metrics;
  }

  createModel({ seed, settings }: VisionCell): MaskedImageModel {
    const { encoder, patchSize, training } = settings;
    const image = this.#data.image;
    // The library checks what is plain data here.
    const options = { image, patchSize, encoder, seed, ...training?.model } as unknown as ImageModelOptions;
    if (training === null) return createImageModel('mask-token', options);
    const { method } = training;
    const mask = training.mask as ImageModelOptions['mask'];
    if (typeof method !== 'string') return new MaskedImageModel({ ...options, mask, fill: method.fill });
    const isAutoencoder = method === 'autoencoder';
    return createImageModel(method as ImageMethod, { ...options, ...(isAutoencoder ? { lossOn: 'all' } : { mask }) });
  }

  /** It depends on the pictures and their masks alone, so any model measures it once for all. */
  async #referenceLoss(model: MaskedImageModel, heldOut: HeldOut<ImageBatch>): Promise<number> {
    const { mask, target, lossOn } = model.config;
    const key = JSON.stringify([mask, target, lossOn]);
    const known = this.#referenceLosses.get(key);
    if (known !== undefined) return known;
    const measured = await meanOverBatches(heldOut, async (batch) => {
      const { referenceLoss } = await model.diagnostics(batch);
      return referenceLoss ?? Number.NaN;
    });
    this.#referenceLosses.set(key, measured);
    return measured;
  }

  async #measurePredictability(
    { backbone }: MaskedImageModel,
    { predictability }: ProbeSettings,
    signal: AbortSignal,
  ): Promise<Measured> {
    if (predictability === undefined) return { metrics: {}, curves: {} };
    const { maxOffset, numSamples } = predictability;
    const { height, width } = backbone.grid;
    const offsets = offsetsUpTo(maxOffset, Math.min(height, width));
    const options = { offsets, maxImages: numSamples, signal };
    const { x, y } = await measureImagePredictability(backbone, this.#data.dataset, options);
    return { metrics: {}, curves: toCurves([x, y]) };
  }
}

function settingsOf(
  { numTrain, numTest, model, isAugmented }: VisionExperiment,
  { training, ...shared }: SharedSettings<VisionMask>,
): VisionSettings {
  const { patchSize } = model;
  return { ...shared, numTrain, numTest, patchSize, training: training && { ...training, model, isAugmented } };
}

function costOf(model: MaskedImageModel, batchSize: number): Trial<ImageBatch>['cost'] {
  const { trainingFlops, encoderParameters, encoderFlopsVisible, encoderFlopsFull } = describeCost(model);
  return { flopsPerStep: batchSize * trainingFlops, encoderParameters, encoderFlopsVisible, encoderFlopsFull };
}
