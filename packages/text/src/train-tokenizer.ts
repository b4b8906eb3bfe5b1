import { InputError } from '@qb-heat/core';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byteAlphabet } from './byte-alphabet.ts';
import type { LearnedMerges } from './run-trainer.ts';
import { blankPairModel, blankTokenizer, maxVocabSize, runTrainer } from './run-trainer.ts';
import type { TokenizerFiles, TokenizerJson } from './tokenizer.ts';
import { rareWordMark } from './tokenizer.ts';
import { learnWordPieces, maxWordLength } from './word-pieces.ts';

export interface TrainTokenizerOptions {
  /** `wordpiece` as in BERT, or `bpe` over bytes as in GPT-2, which knows no unknown text. */
  readonly kind: 'wordpiece' | 'bpe';
  /** Entries of the vocabulary, special tokens included, up to 30,000; fewer come out of a small corpus. */
  readonly vocabSize: number;
  /** WordPiece alone: folds case and strips accents; true by default. */
  readonly lowercase?: boolean;
}

/** Ids 0 to 4 of every trained vocabulary. */
const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const [pad, unknown, start, end, mask] = specialTokens;

/**
 * Trains a tokenizer on a corpus, with `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]` as ids 0 to 4. The same corpus
 * gives the same vocabulary.
 *
 * Throws an `InputError` when `vocabSize` is above 30,000 or has no room for the special tokens and the single characters
 * (WordPiece) or the 256 bytes (BPE), and when the corpus holds no text.
 */
export async function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainTokenizerOptions,
): Promise<TokenizerFiles> {
  const { kind, vocabSize, lowercase = true } = options;
  if (vocabSize > maxVocabSize) {
    throw new InputError(
      `trainTokenizer: vocabSize must be at most ${maxVocabSize}, all that the library learns, got ${vocabSize}`,
    );
  }
  const words = withoutMarks(texts);
  const parts =
    kind === 'bpe' ? await trainBytePairs(words, vocabSize) : await trainWordPieces(words, vocabSize, lowercase);
  const added = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const json: TokenizerJson = {
    ...blankTokenizer,
    ...parts,
    added_tokens: specialTokens.map((content, id) => Object.assign({ id, content }, added)),
    post_processor: encloseInStartAndEnd(),
  };
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

/** Marks of rare words are no text, and no pieces are to be learned of them. */
async function* withoutMarks(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield text.replaceAll(rareWordMark, ' ');
}

type TokenizerParts = Pick<TokenizerJson, 'model'>;

async function trainWordPieces(
  texts: Iterable<string> | AsyncIterable<string>,
  vocabSize: number,
  lowercase: boolean,
): Promise<TokenizerParts> {
  const pieces = await learnWordPieces(texts, lowercase);
  if (pieces.length === 0) throw new InputError('trainTokenizer: the corpus holds no text');
  const numCharacters = pieces.filter((piece) => /^(##)?.$/su.test(piece)).length;
  checkVocabSize(vocabSize, numCharacters, 'the characters of the corpus');
  return {
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
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: maxWordLength,
      vocab: numberTokens([...specialTokens, ...pieces.slice(0, vocabSize - specialTokens.length)]),
    },
  } as TokenizerParts;
}

async function trainBytePairs(
  texts: Iterable<string> | AsyncIterable<string>,
  vocabSize: number,
): Promise<TokenizerParts> {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const learned: LearnedMerges = await runTrainer(texts, byteLevel);
  if (Object.keys(learned.vocab).length === 0) throw new InputError('trainTokenizer: the corpus holds no text');
  const bytes = byteAlphabet();
  checkVocabSize(vocabSize, bytes.length, 'the bytes');
  const merges = learned.merges.slice(0, vocabSize - specialTokens.length - bytes.length);
  const vocab = numberTokens([...specialTokens, ...bytes, ...merges.map((pair) => pair.join(''))]);
  const model = { ...blankPairModel, vocab, merges: merges.map((pair) => pair.join(' ')) };
  return { pre_tokenizer: byteLevel, decoder: byteLevel, model } as TokenizerParts;
}

function encloseInStartAndEnd(): object {
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
