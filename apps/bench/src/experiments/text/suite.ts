import type { FillSpec } from '@qb-heat/core';
import { majorityClass } from '@qb-heat/training';
import {
  countTokens,
  createTextModel,
  evaluateTokens,
  exportTextEncoder,
  MaskedTextModel,
  measureTextPredictability,
  parseMask,
  textBatches,
  wordBaseline,
  type MaskedTokenModel,
  type TextBatch,
  type TextMethod,
  type TextModelOptions,
  type TextSplit,
  type TextTokenizer,
} from '@qb-heat/text';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell, CellPlace } from '../cell.ts';
import { ComparisonSuite } from '../protocol/comparison-suite.ts';
import type { ProbeSettings, TextExperiment } from '../description.ts';
import { cellAt, listCells, majorityControl, type SuiteMatrix } from '../list-cells.ts';
import { meanOverBatches } from '../protocol/mean-over-batches.ts';
import type { BuiltCell, Measured, Modality } from '../protocol/modality.ts';
import { offsetsUpTo, toCurves } from '../protocol/predictability.ts';
import { PretrainedEncoders } from '../protocol/pretrained.ts';
import { asProbes, metricOf } from '../protocol/probes.ts';
import type { SharedSettings } from '../share-settings.ts';
import type { Suite } from '../suite.ts';
import { cutTexts } from './cut-texts.ts';
import type { TextData } from './data.ts';
import { probedTexts } from './probes.ts';
import { UnigramLoss } from './unigram-loss.ts';

/** Words and word pairs by TF-IDF, and logistic regression: what a text's words tell without any encoder. */
const wordsControl = 'tf-idf';
/** The same of as much of each text as encoders see. */
const seenWordsControl = 'tf-idf-cut';

/** Rows and masks of held-out text come from one seed, so that every run is scored on the same. */
const heldOutSeed = 0;

/** Share of the masked tokens that a distance needs to be told of: under random masks the farthest have a handful. */
const smallestShare = 0.01;

/** Lists the cells of the text's part of the comparison, ready to run. */
export function createTextSuite(
  data: TextData,
  experiment: TextExperiment,
  seeds: readonly number[],
  encoders = new PretrainedEncoders(),
): Suite {
  return new ComparisonSuite(new TextModality(data, experiment, seeds), encoders);
}

type TextMask = NonNullable<TextExperiment['comparisons']['span' | 'random']>['mask'];

/** All that determines a cell besides its place, its seed and the data. */
export type TextSettings = SharedSettings<TextMask, Pick<TextExperiment, 'decoder'>> &
  Pick<TextExperiment, 'numTrain' | 'numTest' | 'numProbeTrain' | 'numProbeTest' | 'length'>;

/** A cell's model, by itself too. */
interface TextBuilt extends BuiltCell<TextBatch> {
  readonly model: MaskedTokenModel;
}

type TextCell = Cell<TextSettings>;

export class TextModality implements Modality<TextBatch, TextSettings> {
  readonly name = 'text';
  readonly unit = 'tokens';
  readonly data: readonly DataDescription[];
  readonly cells: readonly TextCell[];
  readonly #data: TextData;
  readonly #experiment: TextExperiment;
  readonly #matrix: SuiteMatrix<TextSettings, TextMask>;
  readonly #tokenCounts: Int32Array;
  readonly #unigrams: UnigramLoss;

  constructor(data: TextData, experiment: TextExperiment, seeds: readonly number[]) {
    this.data = data.descriptions;
    this.#data = data;
    this.#experiment = experiment;
    this.#tokenCounts = countTokens(data.train, data.tokenizer);
    this.#unigrams = new UnigramLoss(this.#tokenCounts);
    this.#matrix = {
      suite: this.name,
      dataset: data.name,
      seeds,
      experiment,
      seedlessControls: data.probes.length > 0 ? [wordsControl, seenWordsControl, majorityControl] : [],
      settingsOf: (shared) => settingsOf(experiment, shared),
    };
    this.cells = listCells(this.#matrix);
  }

  get tokenizer(): TextTokenizer {
    return this.#data.tokenizer;
  }

  /** The cell of a method, listed or not. */
  cellAt(place: CellPlace & { readonly encoder: string }, seed: number): TextCell {
    return cellAt(this.#matrix, place, seed);
  }

  build(cell: TextCell): TextBuilt {
    const { tokenizer, train, heldOut, probes } = this.#data;
    const { seed, settings } = cell;
    const model = this.createModel(cell);
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
        const { accuracy, byDistance, numTokens } = await evaluateTokens(model, { ...heldOutBatches, signal });
        const told = byDistance.filter((at) => at.numTokens >= smallestShare * numTokens);
        return {
          metrics: { heldOutLoss, maskedAccuracy: accuracy },
          curves: {
            lossByDistance: told.map(({ distance, loss }) => ({ x: distance, y: loss })),
            accuracyByDistance: told.map((at) => ({ x: at.distance, y: at.accuracy })),
          },
        };
      },
      drawPictures: async () => [],
      exportEncoder: (folder) => exportTextEncoder(folder, model.encoder, tokenizer),
      dispose: async () => model.dispose(),
    };
  }

  checkExportable(): void {
    // It throws where there are none.
    void this.#data.tokenizer.files;
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
      } else if (cell.method === seenWordsControl) {
        const cut = (part: TextSplit) => cutTexts(part, this.#data.tokenizer, this.#experiment.length);
        metrics[metricOf('linearProbe', name)] = (await wordBaseline(cut(train), cut(test), { signal })).accuracy;
      } else {
        return undefined;
      }
    }
    return metrics;
  }

  createModel({ seed, settings }: TextCell): MaskedTokenModel {
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

function settingsOf(
  { numTrain, numTest, numProbeTrain, numProbeTest, length, decoder }: TextExperiment,
  { training, ...shared }: SharedSettings<TextMask>,
): TextSettings {
  const sizes = { numTrain, numTest, numProbeTrain, numProbeTest, length };
  return { ...shared, ...sizes, training: training && { ...training, decoder } };
}
