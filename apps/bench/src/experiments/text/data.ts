import { InputError } from '@qb-heat/core';
import {
  createTokenizer,
  generateText,
  loadTokenizer,
  openText,
  packTexts,
  sampleTexts,
  trainTokenizer,
  type Column,
  type PackedText,
  type TextDataset,
  type TextTokenizer,
  type TokenizerFiles,
} from '@qb-heat/text';
import { hashParts } from '../../results/content-hash.ts';
import type { DataDescription } from '../../results/schema.ts';
import type { DataPath, DataSources, TextSource } from '../data-sources.ts';
import type { TextExperiment } from '../description.ts';
import { readFor } from '../read-for.ts';
import { describeCut } from './cut-texts.ts';
import { limitVocabulary } from './limit-vocabulary.ts';

/** A labelled set to probe on. */
export interface ProbeCorpus {
  /** Null where it is the only corpus that is pre-trained on. */
  readonly name: string | null;
  readonly dataset: TextDataset;
}

export interface TextData {
  /** The corpora that are pre-trained on, joined by `+`. */
  readonly name: string;
  readonly tokenizer: TextTokenizer;
  /** The texts of the corpora as rows. */
  readonly train: PackedText;
  readonly heldOut: PackedText;
  /** The texts of each corpus, for what needs whole sentences. */
  readonly documents: readonly { readonly train: readonly string[]; readonly test: readonly string[] }[];
  readonly probes: readonly ProbeCorpus[];
  readonly descriptions: readonly DataDescription[];
}

/** Draws the texts that are taken of a larger corpus; the same for every run. */
const sampleSeed = 0;

/** Reads or generates the texts, gets the tokenizer for them, and packs them into rows. */
export async function openTextData(sources: DataSources, settings: TextExperiment): Promise<TextData> {
  const { numTrain, numTest, numProbeTrain, numProbeTest, length } = settings;
  const corpora = await readFor('text', () => openCorpora(sources.text, numTrain, numTest));
  const probes =
    sources.probeText.length > 0
      ? (await readFor('probe-text', () => openCorpora(sources.probeText, numProbeTrain, numProbeTest))).map(
          requireClasses,
        )
      : corpora
          .filter(({ dataset }) => dataset.classes.length > 1)
          .map(({ source, dataset }) => ({ source, dataset: limit(dataset, numProbeTrain, numProbeTest) }));
  const texts = {
    train: corpora.flatMap(({ dataset }) => dataset.train.texts),
    test: corpora.flatMap(({ dataset }) => dataset.test.texts),
  };
  const { tokenizer: whole, sha256: tokenizerSha256 } = await openTokenizer(
    sources.tokenizer,
    texts.train,
    settings.vocabSize,
  );
  const tokenizer = withoutStart(whole);
  const [train, heldOut] = [
    await packTexts(texts.train, tokenizer, { length }),
    await packTexts(texts.test, tokenizer, { length }),
  ];
  checkSize(train, heldOut, settings);
  const cutOf = ({ dataset }: OpenCorpus) =>
    describeCut([...dataset.train.texts, ...dataset.test.texts], tokenizer, length);
  const isOwnOnly = corpora.length === 1 && sources.probeText.length === 0;
  const note = describeTokenizer(tokenizer, train);
  return {
    name: corpora.map(({ dataset }) => dataset.name).join('+'),
    tokenizer,
    train,
    heldOut,
    documents: corpora.map(({ dataset }) => ({
      train: documentsOf(dataset, 'train'),
      test: documentsOf(dataset, 'test'),
    })),
    probes: probes.map(({ dataset }) => ({ name: isOwnOnly ? null : dataset.name, dataset })),
    descriptions: [
      ...corpora.map((corpus) =>
        describe(
          corpus,
          isOwnOnly && probes.length > 0 ? ['pre-training', 'probes'] : ['pre-training'],
          tokenizerSha256,
          note,
          ...(isOwnOnly && probes.length > 0 ? cutOf(corpus) : []),
        ),
      ),
      ...(isOwnOnly ? [] : probes.map((probe) => describe(probe, ['probes'], tokenizerSha256, ...cutOf(probe)))),
    ],
  };
}

/** Tells of too little text what would fail, or learn nothing, after the first training. */
function checkSize(train: PackedText, heldOut: PackedText, { length, optimization }: TextExperiment): void {
  const { batchSize } = optimization;
  const remedy = `give more text, or an experiment with a smaller length or batchSize (--experiments)`;
  if (train.numRows < batchSize) {
    throw new InputError(
      `--text: the texts to train on fill ${train.numRows} rows of ${length} tokens, fewer than a batch of ${batchSize}; ${remedy}`,
    );
  }
  if (heldOut.isPadded) {
    throw new InputError(`--text: the texts to test on don't fill a row of ${length} tokens; ${remedy}`);
  }
}

function describeTokenizer({ name, vocabSize }: TextTokenizer, { numTokens, numUnknown }: PackedText): string {
  const unknown = numUnknown === 0 ? '' : `, ${((100 * numUnknown) / numTokens).toFixed(1)} % of the tokens unknown`;
  return `tokenizer: ${name}, ${vocabSize.toLocaleString('en-US')} entries${unknown}`;
}

interface OpenCorpus {
  readonly source: TextSource | null;
  readonly dataset: TextDataset;
}

async function openCorpora(sources: readonly TextSource[], numTrain: number, numTest: number): Promise<OpenCorpus[]> {
  if (sources.length === 0) return [{ source: null, dataset: generateText({ numTrain, numTest }) }];
  const corpora: OpenCorpus[] = [];
  for (const source of sources) corpora.push({ source, dataset: limit(await openCorpus(source), numTrain, numTest) });
  return corpora;
}

function limit(dataset: TextDataset, numTrain: number, numTest: number): TextDataset {
  return {
    ...dataset,
    train: sampleTexts(dataset.train, numTrain, sampleSeed),
    test: sampleTexts(dataset.test, numTest, sampleSeed),
  };
}

/** The sentences of synthetic texts begin with small letters, by which no reader tells where they begin. */
function documentsOf({ synthetic, ...parts }: TextDataset, part: 'train' | 'test'): readonly string[] {
  const { texts } = parts[part];
  if (!synthetic) return texts;
  return texts.map((text) => text.replace(/(?<=^|\. )[a-z]/g, (letter) => letter.toUpperCase()));
}

function requireClasses(corpus: OpenCorpus): OpenCorpus {
  const { dataset, source } = corpus;
  if (dataset.classes.length > 1) return corpus;
  throw new InputError(`--probe-text: ${source?.given}: its texts have no labels, or only one; probes need classes`);
}

async function openTokenizer(
  given: DataPath | null,
  texts: readonly string[],
  vocabSize: number,
): Promise<{ tokenizer: TextTokenizer; sha256: string }> {
  if (given === null) {
    const files = await trainTokenizer(texts, { kind: 'wordpiece', vocabSize });
    return { tokenizer: createTokenizer(files, 'WordPiece trained on the text'), sha256: hashTokenizer(files) };
  }
  const whole = await readFor('tokenizer', () => loadTokenizer(given.path));
  const tokenizer = limitVocabulary(whole, texts, vocabSize);
  return { tokenizer, sha256: hashParts([hashTokenizer(whole.files), ...vocabularyOf(tokenizer)]) };
}

/** Its entries alone don't tell how it cuts up a text. */
function hashTokenizer({ json, config }: TokenizerFiles): string {
  return hashParts([JSON.stringify(json), JSON.stringify(config)]);
}

/**
 * The tokenizer without a token that begins every row: a visible window would hide it with the edge of the row, where
 * tokens are to be predicted, so that encoders would meet it in the probes for the first time.
 */
function withoutStart(tokenizer: TextTokenizer): TextTokenizer {
  const special = { ...tokenizer.special, start: undefined };
  return Object.create(tokenizer, { special: { value: special, enumerable: true } }) as TextTokenizer;
}

async function openCorpus({ path, textColumn, labelColumn, encoding }: TextSource): Promise<TextDataset> {
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

function describe(
  { source, dataset }: OpenCorpus,
  use: DataDescription['use'],
  tokenizerSha256: string,
  ...more: string[]
): DataDescription {
  const { name, synthetic, classes, train, test, notes } = dataset;
  return {
    suite: 'text',
    use,
    name,
    path: source?.given ?? null,
    synthetic,
    classes: [...classes],
    numTrain: train.texts.length,
    numTest: test.texts.length,
    sha256: hashParts([...train.texts, train.labels, ...test.texts, test.labels, tokenizerSha256]),
    notes: [...(source === null ? notes : notes.map((note) => note.replaceAll(source.path, source.given))), ...more],
  };
}

function* vocabularyOf(tokenizer: TextTokenizer): Generator<string> {
  for (let id = 0; id < tokenizer.vocabSize; id++) yield tokenizer.token(id) ?? '';
}
