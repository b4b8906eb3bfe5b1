import { InputError, type FillSpec } from '@qb-heat/core';
import { majorityClass } from '@qb-heat/training';
import {
  countTokens,
  createTextModel,
  evaluateTokens,
  MaskedTextModel,
  measureTextPredictability,
  parseMask,
  textBatches,
  wordBaseline,
  type MaskedTokenModel,
  type TextBatch,
  type TextMethod,
  type TextModelOptions,
  type TextTokenizer,
} from '@qb-heat/text';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell } from '../cell.ts';
import { ComparisonSuite } from '../protocol/comparison-suite.ts';
import type { Method, OptimizationSettings, ProbeSettings, TextExperiment } from '../description.ts';
import { listCells, majorityControl, methodName, untrainedControl, type CellPlace } from '../list-cells.ts';
import { meanOverBatches } from '../protocol/mean-over-batches.ts';
import { mergeOptimization } from '../merge-optimization.ts';
import type { BuiltCell, Measured, Modality } from '../protocol/modality.ts';
import { offsetsUpTo, toCurves } from '../protocol/predictability.ts';
import { PretrainedEncoders } from '../protocol/pretrained.ts';
import { asProbes, metricOf } from '../protocol/probes.ts';
import { encoderSuits } from '../suits.ts';
import type { Suite } from '../suite.ts';
import type { TextData } from './data.ts';
import { probedTexts } from './probes.ts';
import { UnigramLoss } from './unigram-loss.ts';

/** Words and word pairs by TF-IDF, and logistic regression: what a text's words tell without any encoder. */
const wordsControl = 'tf-idf';

/** Rows and masks of held-out text come from one seed, so that every run is scored on the same. */
const heldOutSeed = 0;

/** Lists the cells of the text's part of the comparison, ready to run. */
export function createTextSuite(
  data: TextData,
  experiment: TextExperiment,
  seeds: readonly number[],
  encoders = new PretrainedEncoders(),
): Suite {
  const modality = new TextModality(data, experiment, seeds);
  modality.checkModels();
  return new ComparisonSuite('text', modality, encoders);
}

/** All that determines a cell besides its seed and the data. */
export type TextSettings = {
  readonly numTrain: number;
  readonly numTest: number;
  readonly numProbeTrain: number;
  readonly numProbeTest: number;
  readonly length: number;
  readonly probes: ProbeSettings;
  /** Null for a control without one. */
  readonly encoder: TextExperiment['encoders'][string]['options'] | null;
  /** Null for a control without pre-training. */
  readonly training: {
    readonly method: Method;
    readonly mask: NonNullable<TextExperiment['comparisons']['span' | 'random']>['mask'];
    readonly decoder: TextExperiment['decoder'];
    readonly optimization: OptimizationSettings;
    readonly maxHeldOutBatches: number;
  } | null;
};

/** A cell's model, by itself too. */
interface TextBuilt extends BuiltCell<TextBatch> {
  readonly model: MaskedTokenModel;
}

type TextCell = Cell<TextSettings>;

export class TextModality implements Modality<TextBatch, TextSettings> {
  readonly unit = 'tokens';
  readonly data: readonly DataDescription[];
  readonly cells: readonly TextCell[];
  readonly #data: TextData;
  readonly #experiment: TextExperiment;
  readonly #tokenCounts: Int32Array;
  readonly #unigrams: UnigramLoss;

  constructor(data: TextData, experiment: TextExperiment, seeds: readonly number[]) {
    this.data = data.descriptions;
    this.#data = data;
    this.#experiment = experiment;
    this.#tokenCounts = countTokens(data.train, data.tokenizer);
    this.#unigrams = new UnigramLoss(this.#tokenCounts);
    const { comparisons, encoders } = experiment;
    this.cells = listCells({
      suite: 'text',
      dataset: data.name,
      seeds,
      comparisons: (['span', 'random'] as const).flatMap((masking) => {
        const comparison = comparisons[masking];
        if (comparison === undefined) return [];
        const fitting = Object.keys(encoders).filter((label) => encoderSuits(masking, encoders[label]!));
        return [{ masking, ...comparison, encoders: comparison.encoders ?? fitting }];
      }),
      encoderControls: [untrainedControl],
      seedlessControls: data.probes.length > 0 ? [wordsControl, majorityControl] : [],
      settingsOf: (place) => this.#settingsOf(place),
    });
  }

  /** Builds each model once. Throws an InputError that names the first that cannot be. */
  checkModels(): void {
    for (const cell of this.cells) {
      if (cell.settings.encoder === null || cell.seed !== this.cells.at(-1)?.seed) continue;
      try {
        this.#createModel(cell).dispose();
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const where = [cell.encoder, cell.masking, cell.method].filter((word) => word !== null).join(' ');
        throw new InputError(`text ${where}: ${error.message}`, { cause: error });
      }
    }
  }

  get tokenizer(): TextTokenizer {
    return this.#data.tokenizer;
  }

  /** The cell of a place, listed or not. */
  cellAt(place: CellPlace & { readonly encoder: string }, seed: number): TextCell {
    if (this.#experiment.encoders[place.encoder] === undefined) {
      throw new InputError(`text: no encoder is labelled '${place.encoder}'`);
    }
    const { encoder, masking, method } = place;
    const { name } = this.#data;
    const settings = this.#settingsOf(place);
    const role = 'method';
    return { suite: 'text', dataset: name, encoder, masking, method: methodName(method), role, seed, settings };
  }

  build(cell: TextCell): TextBuilt {
    const { tokenizer, train, heldOut, probes } = this.#data;
    const { seed, settings } = cell;
    const model = this.#createModel(cell);
    const training = settings.training ?? { ...this.#experiment, mask: { kind: 'window' } };
    const { optimization, maxHeldOutBatches } = training;
    const { batchSize } = optimization;
    const batches = { batchSize, mask: parseMask(training.mask), tokenizer };
    const heldOutBatches = {
      // Shuffled, for in the order of the text the first rows are of the first corpus alone.
      batches: textBatches(heldOut, { ...batches, seed: heldOutSeed }),
      numBatches: Math.min(maxHeldOutBatches, Math.ceil(heldOut.numRows / batchSize)),
    };
    return {
      model,
      encoderParameters: model.encoder.parameters,
      optimization,
      probes: settings.probes,
      trainingBatches: textBatches(train, { ...batches, seed }),
      batchesPerEpoch: Math.floor(train.numRows / batchSize),
      heldOut: heldOutBatches,
      cost: {
        flopsPerStep: null,
        encoderParameters: [...model.encoder.parameters.values()].reduce((sum, variable) => sum + variable.size, 0),
        encoderFlopsVisible: null,
        encoderFlopsFull: null,
      },
      referenceLoss: () => meanOverBatches(heldOutBatches, (batch) => this.#unigrams.of(batch)),
      probedSets: (limits) => probes.map((probe) => probedTexts(model.encoder, tokenizer, probe, limits)),
      measureEncoder: (signal) => this.#measurePredictability(model, settings.probes, signal),
      measureModel: async (heldOutLoss, signal) => {
        const { accuracy, byDistance } = await evaluateTokens(model, { ...heldOutBatches, signal });
        return {
          metrics: { heldOutLoss, maskedAccuracy: accuracy },
          curves: {
            lossByDistance: byDistance.map(({ distance, loss }) => ({ x: distance, y: loss })),
            accuracyByDistance: byDistance.map((at) => ({ x: at.distance, y: at.accuracy })),
          },
        };
      },
      drawPictures: async () => [],
      dispose: async () => model.dispose(),
    };
  }

  async runControl(cell: TextCell, signal: AbortSignal): Promise<Record<string, number> | undefined> {
    const metrics: Record<string, number> = {};
    for (const { name, dataset } of this.#data.probes) {
      const { train, test, classes } = dataset;
      if (cell.method === majorityControl) {
        const { accuracy } = majorityClass({ labels: train.labels, numClasses: classes.length }, test);
        Object.assign(metrics, asProbes(accuracy, cell.settings.probes, name));
      } else if (cell.method === wordsControl) {
        metrics[metricOf('linearProbe', name)] = (await wordBaseline(train, test, { signal })).accuracy;
      } else {
        return undefined;
      }
    }
    return metrics;
  }

  #settingsOf({ encoder, masking, method }: CellPlace): TextSettings {
    const { numTrain, numTest, numProbeTrain, numProbeTest, length, maxHeldOutBatches } = this.#experiment;
    const { encoders, decoder, comparisons, probes } = this.#experiment;
    const described = encoder === null ? undefined : encoders[encoder];
    const mask = masking === 'span' || masking === 'random' ? comparisons[masking]?.mask : undefined;
    const optimization = mergeOptimization(this.#experiment.optimization, described);
    return {
      numTrain,
      numTest,
      numProbeTrain,
      numProbeTest,
      length,
      probes: described === undefined ? { knn: probes.knn, linear: probes.linear } : probes,
      encoder: described?.options ?? null,
      training: mask === undefined ? null : { method, mask, decoder, optimization, maxHeldOutBatches },
    };
  }

  #createModel({ seed, settings }: TextCell): MaskedTokenModel {
    const { length, encoder, training } = settings;
    const { tokenizer } = this.#data;
    const tokenCounts = this.#tokenCounts;
    const decoder = training?.decoder ?? this.#experiment.decoder;
    // The library checks what is plain data here.
    const sizes = { length, encoder: encoder as unknown as TextModelOptions['encoder'], decoder, seed };
    const method = training?.method ?? 'mask-token';
    if (typeof method === 'string') return createTextModel(method as TextMethod, { ...sizes, tokenizer, tokenCounts });
    const fill = method.fill as unknown as FillSpec;
    return new MaskedTextModel({ ...sizes, vocabSize: tokenizer.vocabSize, fill, tokenCounts });
  }

  async #measurePredictability(
    { encoder }: MaskedTokenModel,
    { predictability }: ProbeSettings,
    signal: AbortSignal,
  ): Promise<Measured> {
    if (predictability === undefined) return { metrics: {}, curves: {} };
    const { maxOffset, numSamples } = predictability;
    const { train, heldOut } = this.#data;
    const options = { offsets: offsetsUpTo(maxOffset, train.length), maxRows: numSamples, signal };
    const { x } = await measureTextPredictability(encoder, train, heldOut, options);
    return { metrics: {}, curves: toCurves([x]) };
  }
}
