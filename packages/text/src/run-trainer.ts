import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { TokenizerJson } from './tokenizer.ts';

/** Byte-pair merges in order of learning; the vocabulary's ids are in that order too, the single characters first. */
export interface LearnedMerges {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (readonly [string, string])[];
}

/** The library's trainer prints to the terminal and blocks: it works in a quiet process of its own. */
const trainerProgram = `
  const [library, blank, trained, corpus] = process.argv.slice(1);
  const tokenizer = require(library).Tokenizer.fromFile(blank);
  tokenizer.train([corpus]);
  tokenizer.save(trained);
`;

/** Entries that the library learns: it does not let one choose. */
export const maxVocabSize = 30_000;

/**
 * Learns byte-pair merges on a corpus, up to a vocabulary of `maxVocabSize`.
 *
 * @param pretokenizer cuts the texts into the words that merges stay within, as `tokenizer.json` describes it.
 */
export async function runTrainer(
  texts: Iterable<string> | AsyncIterable<string>,
  pretokenizer: object,
): Promise<LearnedMerges> {
  const folder = await mkdtemp(join(tmpdir(), 'qb-heat-tokenizer-'));
  const [corpus, blank, trained] = [
    join(folder, 'corpus.txt'),
    join(folder, 'blank.json'),
    join(folder, 'trained.json'),
  ];
  try {
    await pipeline(Readable.from(addLineEnds(texts)), createWriteStream(corpus));
    await writeFile(blank, JSON.stringify({ ...blankTokenizer, pre_tokenizer: pretokenizer, model: blankPairModel }));
    const library = createRequire(import.meta.url).resolve('tokenizers');
    const programArguments = ['-e', trainerProgram, library, blank, trained, corpus];
    await promisify(execFile)(process.execPath, programArguments, { maxBuffer: Infinity });
    return (JSON.parse(await readFile(trained, 'utf8')) as { model: LearnedMerges }).model;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* addLineEnds(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield `${text}\n`;
}

/** A tokenizer file with nothing in it. */
export const blankTokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
};

export const blankPairModel: TokenizerJson['model'] = {
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
};
