import type { FillName } from '@qb-heat/core';
import {
  encodeTexts,
  evaluateTokens,
  MaskedTextModel,
  packTexts,
  parseMask,
  textBatches,
  type MaskOptions,
  type PackedText,
  type TextBatch,
  type TextDataset,
  type TextModelOptions,
  type TextTokenizer,
} from '@qb-heat/text';
import type { LabelledFeatures } from '@qb-heat/training';
import { hashParts } from '../results/content-hash.ts';
import type { DataDescription } from '../results/schema.ts';
import { BagOfWords } from './bag-of-words.ts';
import type { Cell } from './cell.ts';
import { ComparisonSuite } from './comparison-suite.ts';
import { baselineFill, listCells, majorityControl, untrainedControl } from './list-cells.ts';
import { meanOverBatches } from './mean-over-batches.ts';
import type { BuiltCell, Modality, Part } from './modality.ts';
import type { OptimizationSettings } from './pretrain-trial.ts';
import type { ProbeSettings } from './probe-features.ts';
import type { Suite } from './suite.ts';
import { openTextData, type TextDataOptions } from './text-data.ts';
import { UnigramLoss } from './unigram-loss.ts';

/** Sizes of the text experiments, which a preset sets. */
export type TextSettings = {
  /** Texts to pre-train and fit probes on, at most, and held-out ones to score on. */
  readonly numTrain: number;
  readonly numTest: number;
  /** Entries of a tokenizer that is trained on the text, and the most that are used of one that is given. */
  readonly vocabSize: number;
  /** Tokens of a row. */
  readonly length: number;
  readonly encoder: TextModelOptions['encoder'];
  readonly decoder: TextModelOptions['decoder'];
  readonly masks: { readonly span: MaskOptions; readonly random: MaskOptions };
  /** Held-out batches that the loss is measured on, at most. */
  readonly maxHeldOutBatches: number;
  readonly optimization: OptimizationSettings;
  readonly probes: ProbeSettings;
};

export interface TextOptions extends Omit<TextDataOptions, 'numTrain' | 'numTest' | 'vocabSize'> {
  readonly seeds: readonly number[];
  /** What is compared with the mask token; null for the methods that the sources propose. */
  readonly fills: readonly FillName[] | null;
  readonly settings: TextSettings;
}

/** Word counts: what the probes make of a text without any encoder. */
const bagOfWordsControl = 'bag-of-words';

/** Masks of held-out text come from one seed, so that every run is scored on the same. */
const heldOutSeed = 0;

/** Fills that walk away from a visible window and cannot fill between scattered tokens. */
const windowFills: ReadonlySet<FillName> = new Set(['linear', 'mlp']);

/**
 * Reads the texts and lists the cells: linear propagation from a visible window, and interpolation between random
 * visible tokens, each against a mask token in the same place.
 */
export async function openTextSuite(options: TextOptions): Promise<Suite> {
  const { seeds, fills, settings, path } = options;
  const { dataset, tokenizer } = await openTextData({ ...options, ...settings });
  const { length } = settings;
  const [train, heldOut] = [
    await packTexts(dataset.train.texts, tokenizer, { length }),
    await packTexts(dataset.test.texts, tokenizer, { length }),
  ];
  const data = describeData(dataset, tokenizer, path);
  return new ComparisonSuite(
    new TextModality({ dataset, tokenizer, train, heldOut, data }, { seeds, fills, settings }),
  );
}

interface TextCorpus {
  readonly dataset: TextDataset;
  readonly tokenizer: TextTokenizer;
  /** The texts of the dataset's parts as rows. */
  readonly train: PackedText;
  readonly heldOut: PackedText;
  readonly data: DataDescription;
}

class TextModality implements Modality<TextBatch> {
  readonly unit = 'tokens';
  readonly data: DataDescription;
  readonly cells: readonly Cell[];
  readonly optimization: OptimizationSettings;
  readonly probes: ProbeSettings;
  readonly #corpus: TextCorpus;
  readonly #settings: TextSettings;
  readonly #unigrams: UnigramLoss;
  #bagOfWords: BagOfWords | undefined;

  constructor(corpus: TextCorpus, { seeds, fills, settings }: Pick<TextOptions, 'seeds' | 'fills' | 'settings'>) {
    this.data = corpus.data;
    this.optimization = settings.optimization;
    this.probes = settings.probes;
    this.#corpus = corpus;
    this.#settings = settings;
    this.#unigrams = new UnigramLoss(corpus.train, corpus.tokenizer.vocabSize);
    const scatteredFills = fills?.filter((fill) => !windowFills.has(fill));
    this.cells = listCells({
      suite: 'text',
      dataset: corpus.data.name,
      encoder: `transformer-${settings.encoder.dim}`,
      seeds,
      comparisons: [
        { masking: 'span', fills: fills ?? ['linear'] },
        { masking: 'random', fills: scatteredFills ?? ['interpolate'] },
      ],
      seedlessControls: corpus.data.classes.length > 1 ? [bagOfWordsControl, majorityControl] : [],
      settings,
    });
  }

  build(cell: Cell): BuiltCell<TextBatch> {
    const { length, encoder, decoder, masks, optimization, maxHeldOutBatches } = this.#settings;
    const { dataset, tokenizer, train, heldOut } = this.#corpus;
    const { seed } = cell;
    const fill = cell.method === untrainedControl ? baselineFill : (cell.method as FillName);
    const model = new MaskedTextModel({ vocabSize: tokenizer.vocabSize, length, encoder, decoder, fill, seed });
    const { batchSize } = optimization;
    const mask = parseMask(cell.masking === 'random' ? masks.random : masks.span);
    const batches = { batchSize, mask, tokenizer };
    const heldOutBatches = {
      batches: textBatches(heldOut, { ...batches, seed: heldOutSeed, shuffle: false }),
      numBatches: Math.min(maxHeldOutBatches, Math.ceil(heldOut.numRows / batchSize)),
    };
    return {
      model,
      trainingBatches: textBatches(train, { ...batches, seed }),
      heldOut: heldOutBatches,
      cost: {
        flopsPerStep: null,
        encoderParameters: [...model.encoder.parameters.values()].reduce((sum, variable) => sum + variable.size, 0),
        encoderFlopsVisible: null,
        encoderFlopsFull: null,
      },
      referenceLoss: () => meanOverBatches(heldOutBatches, (batch) => this.#unigrams.of(batch)),
      heldOutMetrics: async (signal) => {
        const { accuracy } = await evaluateTokens(model, { ...heldOutBatches, signal });
        return { maskedAccuracy: accuracy };
      },
      encode: async (part, signal) => {
        const { data } = await encodeTexts(model.encoder, tokenizer, dataset[part].texts, { signal });
        return this.#label(part, data);
      },
      dispose: () => model.dispose(),
    };
  }

  labels(part: Part): Int32Array {
    return this.#corpus.dataset[part].labels;
  }

  async plainFeatures(control: string, part: Part): Promise<LabelledFeatures | undefined> {
    if (control !== bagOfWordsControl) return undefined;
    const { dataset, tokenizer } = this.#corpus;
    this.#bagOfWords ??= new BagOfWords(tokenizer, dataset.train.texts);
    return this.#label(part, this.#bagOfWords.encode(dataset[part].texts));
  }

  #label(part: Part, features: Float32Array): LabelledFeatures {
    return { features, labels: this.labels(part), numClasses: this.data.classes.length };
  }
}

function describeData(dataset: TextDataset, tokenizer: TextTokenizer, path: string | null): DataDescription {
  const { name, synthetic, classes, train, test, notes } = dataset;
  return {
    suite: 'text',
    use: ['pre-training', 'probes'],
    name,
    path,
    synthetic,
    classes: [...classes],
    numTrain: train.texts.length,
    numTest: test.texts.length,
    sha256: hashParts([...train.texts, train.labels, ...test.texts, test.labels, ...vocabularyOf(tokenizer)]),
    notes: [...notes, `tokenizer: ${tokenizer.name}, ${tokenizer.vocabSize.toLocaleString('en-US')} entries`],
  };
}

function* vocabularyOf(tokenizer: TextTokenizer): Generator<string> {
  for (let id = 0; id < tokenizer.vocabSize; id++) yield tokenizer.token(id) ?? '';
}
