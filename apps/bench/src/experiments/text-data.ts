import { InputError } from '@qb-heat/core';
import {
  createTokenizer,
  generateText,
  loadTokenizer,
  openText,
  sampleTexts,
  trainTokenizer,
  type Column,
  type TextDataset,
  type TextTokenizer,
} from '@qb-heat/text';
import { limitVocabulary } from './limit-vocabulary.ts';

export interface TextDataOptions {
  /** Null for synthetic text. */
  readonly path: string | null;
  readonly textColumn: string | null;
  readonly labelColumn: string | null;
  /** Character encoding of the files, null for UTF-8. */
  readonly encoding: string | null;
  /** A path, or a name on the hub; null to train one on the text. */
  readonly tokenizer: string | null;
  /** The most texts to take. */
  readonly numTrain: number;
  readonly numTest: number;
  /** Entries of a tokenizer that is trained here, and the most that are used of one that is given. */
  readonly vocabSize: number;
}

/** Draws the texts that are taken of a larger corpus; the same for every run. */
const sampleSeed = 0;

/** Reads or generates the texts and gets the tokenizer for them. */
export async function openTextData(
  options: TextDataOptions,
): Promise<{ dataset: TextDataset; tokenizer: TextTokenizer }> {
  const { path, tokenizer: tokenizerName, numTrain, numTest } = options;
  const corpus = path === null ? generateText({ numTrain, numTest }) : await openCorpus(path, options);
  const dataset = {
    ...corpus,
    train: sampleTexts(corpus.train, numTrain, sampleSeed),
    test: sampleTexts(corpus.test, numTest, sampleSeed),
  };
  if (tokenizerName !== null) {
    const whole = await loadTokenizer(tokenizerName);
    return { dataset, tokenizer: limitVocabulary(whole, dataset.train.texts, options.vocabSize) };
  }
  const files = await trainTokenizer(dataset.train.texts, { kind: 'wordpiece', vocabSize: options.vocabSize });
  const tokenizer = createTokenizer(files, 'WordPiece trained on the text');
  return { dataset, tokenizer };
}

async function openCorpus(path: string, { textColumn, labelColumn, encoding }: TextDataOptions): Promise<TextDataset> {
  try {
    return await openText(path, {
      ...(textColumn !== null && { textColumn: toColumn(textColumn) }),
      ...(labelColumn !== null && { labelColumn: labelColumn === 'none' ? false : toColumn(labelColumn) }),
      ...(encoding !== null && { encoding }),
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The library speaks of its own options; here they have other names.
    const message = error.message
      .replace(/pass encoding '(.*?)'/, 'pass --encoding $1')
      .replace(/^encoding: /, '--encoding: ')
      .replaceAll('textColumn', '--text-column')
      .replaceAll('labelColumn (false for none)', "--label-column ('none' for none)")
      .replaceAll('labelColumn', '--label-column');
    throw new InputError(message, { cause: error });
  }
}

/** A number counts columns from 1, anything else names one. */
function toColumn(given: string): Column {
  return /^\d+$/.test(given) ? Number(given) : given;
}
