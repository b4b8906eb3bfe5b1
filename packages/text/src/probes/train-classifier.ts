import { accuracy, AdamW, pretrain, warmupCosine } from '@qb-heat/training';
import type { ProbeResult } from '@qb-heat/training';
import { copyTextEncoder } from '../encoders/create-encoder.ts';
import type { TextEncoder } from '../encoders/text-encoder.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { measureChannels } from './channel-statistics.ts';
import { labelledBatches } from './labelled-batches.ts';
import type { MixupOptions } from './mixup.ts';
import { checkLabels } from './labelled-texts.ts';
import type { LabelledTexts } from './labelled-texts.ts';
import { padTexts } from '../padded-texts.ts';
import type { PadTextsOptions } from '../padded-texts.ts';
import { TextClassifier } from './text-classifier.ts';
import type { TextClassifierOptions } from './text-classifier.ts';

export interface ClassifierProbeOptions {
  /** Of the head's initial weights and the order of the texts. */
  readonly seed: number;
  /** Passes over the training texts. Default 10 for a probe, 5 for fine-tuning. */
  readonly numEpochs?: number;
  /** Default 64, or all texts when they are fewer. */
  readonly batchSize?: number;
  /** The highest of the run: it warms up over a tenth of the steps and falls by half a cosine. Default 1e-3. */
  readonly learningRate?: number;
  /** Ends the run: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface FineTuneOptions extends ClassifierProbeOptions {
  /** Share of the mean feature that is dropped in training. Default 0.1. */
  readonly dropoutRate?: number;
  /** Trains on mixtures of two texts; none unless given. */
  readonly mixup?: MixupOptions;
}

/**
 * Trains one transformer block and a linear classifier on the frozen features of all tokens and scores them on the test
 * texts: the non-linear probe by which QB-Heat (arXiv 2211.13228) is judged.
 *
 * Per channel normalized by all tokens of the training texts, padding left out; then block, layer norm, mean over the
 * tokens, linear; AdamW with weight decay 0.05. Equal weights and seed give an equal result, to the bit on the same
 * backend. Texts longer than the encoder's rows are cut off.
 *
 * Throws an `InputError` when texts have no labels, when a test label is none of the training set's, or when the training
 * diverges.
 */
export async function probeTextTran1(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  data: LabelledTexts,
  { numEpochs = 10, ...options }: ClassifierProbeOptions,
): Promise<ProbeResult> {
  checkLabels(data);
  const statistics = await measureChannels(encoder, tokenizer, data.train.texts, {
    batchSize: frozenBatchSize,
    maxLength: encoder.config.length,
    signal: options.signal,
  });
  const model = { head: 'tran-1', isFrozen: true, statistics } as const;
  return trainClassifier(encoder, tokenizer, data, { ...options, numEpochs }, model);
}

/**
 * Trains a copy of the encoder together with a linear classifier of the mean of its tokens and scores them on the test
 * texts; the encoder stays as it is.
 *
 * The features are not normalized, for they change; AdamW, repetition and errors as of `probeTextTran1`.
 */
export async function fineTuneText(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  data: LabelledTexts,
  { numEpochs = 5, dropoutRate = 0.1, mixup, ...options }: FineTuneOptions,
): Promise<ProbeResult> {
  checkLabels(data);
  const copy = copyTextEncoder(encoder);
  try {
    const model = { head: 'linear', isFrozen: false, dropoutRate, mixup } as const;
    return await trainClassifier(copy, tokenizer, data, { ...options, numEpochs }, model);
  } finally {
    copy.dispose();
  }
}

async function trainClassifier(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  { classes, train, test }: LabelledTexts,
  options: ClassifierProbeOptions & { readonly numEpochs: number },
  model: Omit<TextClassifierOptions, 'numClasses' | 'seed'>,
): Promise<ProbeResult> {
  const { seed, numEpochs, batchSize = 64, learningRate = 1e-3, signal } = options;
  const { length: maxLength } = encoder.config;
  const { batches, batchesPerEpoch } = labelledBatches(train, tokenizer, { batchSize, maxLength, seed });
  const numSteps = numEpochs * batchesPerEpoch;
  const classifier = new TextClassifier(encoder, { ...model, numClasses: classes.length, seed });
  const optimizer = new AdamW(classifier.parameters, { betas: [0.9, 0.999], weightDecay: 0.05, maxGradientNorm: 1 });
  try {
    const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps: Math.floor(numSteps / 10) });
    const steps = pretrain(classifier, { batches, optimizer, schedule, numSteps, signal });
    while (!(await steps.next()).done);
    signal?.throwIfAborted();
    const predictions = await classifyTexts(classifier, tokenizer, test.texts, { maxLength, signal });
    return { accuracy: accuracy(predictions, test.labels), predictions };
  } finally {
    classifier.dispose();
    optimizer.dispose();
  }
}

/** Texts encoded or classified at a time where nothing is learned. */
const frozenBatchSize = 128;

/** The most likely class of each text, int32 `[numTexts]`. */
async function classifyTexts(
  classifier: TextClassifier,
  tokenizer: TextTokenizer,
  texts: readonly string[],
  options: Omit<PadTextsOptions, 'batchSize'>,
): Promise<Int32Array> {
  const predictions = new Int32Array(texts.length);
  for await (const { indices, rows } of padTexts(texts, tokenizer, { ...options, batchSize: frozenBatchSize })) {
    const predicted = await classifier.predict(rows);
    indices.forEach((index, place) => (predictions[index] = predicted[place]!));
  }
  return predictions;
}
