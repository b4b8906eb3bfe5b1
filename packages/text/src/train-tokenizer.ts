import { InputError } from '@qb-heat/core';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { TokenizerFiles, TokenizerJson } from './tokenizer.ts';

export interface TrainTokenizerOptions {
  /** `wordpiece` as in BERT, or `bpe` over bytes as in GPT-2, which knows no unknown text. */
  readonly kind: 'wordpiece' | 'bpe';
  /** Entries of the vocabulary, the special tokens included; fewer come out of a small corpus. */
  readonly vocabSize: number;
  /** WordPiece alone: folds case and strips accents; true by default. */
  readonly lowercase?: boolean;
}

/** Ids 0 to 4 of every trained vocabulary. */
const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

/**
 * Trains a tokenizer on a corpus, with `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]` as ids 0 to 4. The same corpus
 * gives the same vocabulary.
 *
 * Throws an `InputError` when `vocabSize` has no room for the special tokens and the single characters (WordPiece) or
 * the 256 bytes (BPE), and when the corpus holds no text.
 */
export async function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainTokenizerOptions,
): Promise<TokenizerFiles> {
  const blank = options.kind === 'bpe' ? blankBytePairTokenizer() : blankWordPieceTokenizer(options.lowercase ?? true);
  const trained = await runTrainer(blank, texts);
  const model =
    options.kind === 'bpe' ? cutMerges(trained, options.vocabSize) : cutVocabulary(trained, options.vocabSize);
  const json: TokenizerJson = {
    ...blank,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    post_processor: encloseInStartAndEnd(),
    model,
  };
  const [pad, unknown, start, end, mask] = specialTokens;
  const config = {
    tokenizer_class: 'PreTrainedTokenizer',
    pad_token: pad,
    unk_token: unknown,
    cls_token: start,
    sep_token: end,
    mask_token: mask,
  };
  return { json, config };
}

/** Writes `tokenizer.json` and `tokenizer_config.json` into a folder, as every Hugging Face library reads them. */
export async function saveTokenizer({ json, config }: TokenizerFiles, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // The tokenizer comes last: a folder that has one is complete.
  for (const [name, value] of [['tokenizer_config.json', config] as const, ['tokenizer.json', json] as const]) {
    const path = join(folder, name);
    await writeFile(`${path}.part`, `${JSON.stringify(value, null, 1)}\n`);
    await rename(`${path}.part`, path);
  }
}

function blankWordPieceTokenizer(lowercase: boolean): TokenizerJson {
  return {
    ...blankTokenizer,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: specialTokens[1],
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: {},
    },
  };
}

function blankBytePairTokenizer(): TokenizerJson {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    ...blankTokenizer,
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: {},
      merges: [],
    },
  };
}

const blankTokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
};

function encloseInStartAndEnd(): object {
  const [, , start, end] = specialTokens;
  const [startPiece, endPiece] = [start, end].map((token) => ({ SpecialToken: { id: token, type_id: 0 } }));
  const [first, second] = ['A', 'B'].map((id) => ({ Sequence: { id, type_id: 0 } }));
  return {
    type: 'TemplateProcessing',
    single: [startPiece, first, endPiece],
    pair: [startPiece, first, endPiece, second, endPiece],
    special_tokens: Object.fromEntries(
      [start, end].map((token) => [token, { id: token, ids: [specialTokens.indexOf(token)], tokens: [token] }]),
    ),
  };
}

interface TrainedModel {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges?: readonly (readonly [string, string])[];
}

/** The library's trainer takes no vocabulary size and prints to the terminal: it trains in a quiet process of its own. */
const trainerProgram = `
  const [library, blank, trained, corpus] = process.argv.slice(1);
  const tokenizer = require(library).Tokenizer.fromFile(blank);
  tokenizer.train([corpus]);
  tokenizer.save(trained);
`;

async function runTrainer(
  blank: TokenizerJson,
  texts: Iterable<string> | AsyncIterable<string>,
): Promise<TokenizerJson['model'] & TrainedModel> {
  const folder = await mkdtemp(join(tmpdir(), 'qb-heat-tokenizer-'));
  try {
    const [corpus, blankPath, trainedPath] = ['corpus.txt', 'blank.json', 'trained.json'].map((name) =>
      join(folder, name),
    );
    await pipeline(Readable.from(addLineEnds(texts)), createWriteStream(corpus!));
    await writeFile(blankPath!, JSON.stringify(blank));
    const library = createRequire(import.meta.url).resolve('tokenizers');
    const programArguments = ['-e', trainerProgram, library, blankPath!, trainedPath!, corpus!];
    await promisify(execFile)(process.execPath, programArguments, { maxBuffer: Infinity });
    return (JSON.parse(await readFile(trainedPath!, 'utf8')) as { model: TokenizerJson['model'] & TrainedModel }).model;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* addLineEnds(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield `${text}\n`;
}

/** WordPiece ids are in order of learning, the single characters first: the start of the vocabulary is a vocabulary. */
function cutVocabulary(model: TokenizerJson['model'] & TrainedModel, vocabSize: number): TokenizerJson['model'] {
  const learned = Object.keys(model.vocab).toSorted((a, b) => model.vocab[a]! - model.vocab[b]!);
  const numCharacters = learned.filter((token) => /^(##)?.$/su.test(token)).length;
  if (numCharacters === 0) throw new InputError('trainTokenizer: the corpus holds no text');
  checkVocabSize(vocabSize, numCharacters, 'the characters of the corpus');
  const tokens = [...specialTokens, ...learned.slice(0, vocabSize - specialTokens.length)];
  return { ...model, vocab: numberTokens(tokens) };
}

/** Merges are in order of learning too; all 256 bytes are kept, so that any text can be encoded. */
function cutMerges(model: TokenizerJson['model'] & TrainedModel, vocabSize: number): TokenizerJson['model'] {
  const bytes = byteAlphabet();
  if (Object.keys(model.vocab).length === 0) throw new InputError('trainTokenizer: the corpus holds no text');
  checkVocabSize(vocabSize, bytes.length, 'the bytes');
  const merges = (model.merges ?? []).slice(0, vocabSize - specialTokens.length - bytes.length);
  const tokens = [...specialTokens, ...bytes, ...merges.map((pair) => pair.join(''))];
  return { ...model, vocab: numberTokens(tokens), merges: merges.map((pair) => pair.join(' ')) };
}

function checkVocabSize(vocabSize: number, numSingle: number, what: string): void {
  const least = specialTokens.length + numSingle;
  if (!Number.isInteger(vocabSize) || vocabSize < least) {
    throw new InputError(
      `trainTokenizer: vocabSize must be a whole number of at least ${least}, for ${specialTokens.length} special ` +
        `tokens and ${numSingle} entries for ${what}, got ${vocabSize}`,
    );
  }
}

function numberTokens(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
}

/** GPT-2's printable character for each byte: itself where it is printable, else the next one from U+0100 on. */
function byteAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintableByte(byte) ? byte : next++));
}

function isPrintableByte(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}
