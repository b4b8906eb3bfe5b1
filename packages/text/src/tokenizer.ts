import { InputError } from '@qb-heat/core';
// The tokenizers alone: the package's main entry also loads an image library and every model class.
import { AutoTokenizer, PreTrainedTokenizer } from '@xenova/transformers/src/tokenizers.js';
import { byteLevelText } from './byte-alphabet.ts';
import { repairNormalizer } from './repair-normalizer.ts';

/** The contents of `tokenizer.json` and `tokenizer_config.json`, as Hugging Face writes them. */
export interface TokenizerFiles {
  readonly json: TokenizerJson;
  readonly config: TokenizerConfig;
}

export interface TokenizerJson {
  readonly model: { readonly type?: string; readonly unk_token?: string | null; readonly [key: string]: unknown };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly [key: string]: unknown;
}

export type TokenizerConfig = Readonly<Record<string, unknown>>;

/** Ids of the tokens that the models need; `start` and `end` enclose a text where the vocabulary has them. */
export interface SpecialTokens {
  readonly pad: number;
  readonly mask: number;
  readonly unknown: number;
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** Turns text into token ids and back. */
export interface TextTokenizer {
  readonly name: string;
  /** What it was made from, with what the files left out. */
  readonly files: TokenizerFiles;
  /** One more than the highest id. */
  readonly vocabSize: number;
  readonly special: SpecialTokens;
  /** Every id that stands for no text: never masked, never predicted. */
  readonly specialIds: ReadonlySet<number>;
  /** Ids of a text, without start and end; `rareWordMark` is the unknown token. */
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  /** The vocabulary's entry; `undefined` for an id without one. */
  token(id: number): string | undefined;
  /** True for a token that goes on with the word of the token before it. */
  continuesWord(id: number): boolean;
}

/**
 * What corpora such as WikiText have in the place of rare words. Cut up as text it would be three tokens, of which each
 * gives the others away: a tenth of WikiText-2, and the easiest.
 */
export const rareWordMark = '<unk>';

const roles = {
  pad: { key: 'pad_token', names: ['[PAD]', '<pad>'] },
  mask: { key: 'mask_token', names: ['[MASK]', '<mask>'] },
  unknown: { key: 'unk_token', names: ['[UNK]', '<unk>'] },
  start: { key: 'cls_token', names: ['[CLS]', '<s>'] },
  end: { key: 'sep_token', names: ['[SEP]', '</s>'] },
} as const;
type Role = keyof typeof roles;
const requiredRoles: readonly Role[] = ['pad', 'mask', 'unknown'];

/**
 * A tokenizer from the contents of its files. Special tokens are those that the configuration names, else those of the
 * vocabulary with the usual names, such as `[MASK]` or `<mask>`.
 *
 * Throws an `InputError` when the vocabulary lacks a token for padding, masking or unknown words, and says which.
 */
export function createTokenizer({ json, config }: TokenizerFiles, name: string): TextTokenizer {
  requireModel(json, name);
  const tokens = nameSpecialTokens(json, config);
  const missing = requiredRoles.filter((role) => tokens[role] === undefined);
  if (missing.length > 0) {
    const keys = missing.map((role) => roles[role].key).join(' and ');
    throw new InputError(
      `tokenizer ${name}: has no token for ${missing.join(' and ')}; add ${keys} to its tokenizer.json and ` +
        `tokenizer_config.json, or use a tokenizer of the BERT kind, or train one with trainTokenizer`,
    );
  }
  const keyed = Object.fromEntries(Object.entries(tokens).map(([role, token]) => [roles[role as Role].key, token]));
  const files = { json: completeJson(json), config: { ...config, ...keyed } };
  const tokenizer = constructTokenizer(files, name);
  const { tokens_to_ids: ids, vocab } = tokenizer.model;
  const idOf = (role: Role): number | undefined => ids.get(tokens[role] ?? '');
  const special = { pad: idOf('pad')!, mask: idOf('mask')!, unknown: idOf('unknown')! };
  const start = idOf('start');
  const end = idOf('end');
  const specialIds = new Set([...tokenizer.all_special_ids, ...Object.values(special), start ?? [], end ?? []].flat());
  const encodePart = (text: string): number[] => tokenizer.encode(text, null, { add_special_tokens: false });
  return {
    name,
    files,
    vocabSize: vocab.length,
    special: { ...special, start, end },
    specialIds,
    encode: (text) =>
      text
        .split(rareWordMark)
        .flatMap((part, index) => (index === 0 ? [encodePart(part)] : [[special.unknown], encodePart(part)]))
        .flat(),
    decode: (some) => tokenizer.decode([...some], { skip_special_tokens: false }),
    token: (id) => vocab[id],
    continuesWord: wordRule(json, vocab, specialIds),
  };
}

/** The vocabulary's entry for each role, where there is one. */
function nameSpecialTokens(json: TokenizerJson, config: TokenizerConfig): Partial<Record<Role, string>> {
  const vocabulary = json.model['vocab'];
  const added = new Set(json.added_tokens?.map(({ content }) => content));
  // Unigram models list [token, score] pairs; the others map tokens to ids.
  const pieces = Array.isArray(vocabulary) ? new Set(vocabulary.map(([piece]: [string]) => piece)) : undefined;
  const exists = (token: string) =>
    added.has(token) || (pieces?.has(token) ?? Object.hasOwn(Object(vocabulary), token));
  const entries = Object.entries(roles).map(([role, { key, names }]) => {
    const own = role === 'unknown' ? [json.model.unk_token] : [];
    const candidates = [contentOf(config[key]), ...own, ...names];
    return [role, candidates.find((token) => typeof token === 'string' && exists(token))];
  });
  return Object.fromEntries(entries.filter(([, token]) => token !== undefined));
}

/** Configurations name a token by its text or by an object that holds it. */
function contentOf(token: unknown): unknown {
  return typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
}

/**
 * The library's own tokenizer of some files, whatever special tokens it has. Throws an `InputError` when they are no
 * tokenizer.
 */
export function constructTokenizer({ json, config }: TokenizerFiles, name: string): PreTrainedTokenizer {
  requireModel(json, name);
  const className = config['tokenizer_class'];
  const classes = AutoTokenizer.TOKENIZER_CLASS_MAPPING as Readonly<Record<string, typeof PreTrainedTokenizer>>;
  const Tokenizer = (typeof className === 'string' && classes[className.replace(/Fast$/, '')]) || PreTrainedTokenizer;
  try {
    const tokenizer = new Tokenizer(completeJson(json), config);
    repairNormalizer(tokenizer.normalizer);
    return tokenizer;
  } catch (error) {
    throw new InputError(`tokenizer ${name}: cannot be built from its tokenizer.json (${(error as Error).message})`);
  }
}

function requireModel({ model }: TokenizerJson, name: string): void {
  if (typeof model === 'object' && (model as object | null) !== null) return;
  throw new InputError(`tokenizer ${name}: has no 'model'; expected the contents of a tokenizer.json`);
}

const optionalParts = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };

function completeJson(json: TokenizerJson): TokenizerJson {
  return { ...optionalParts, ...json, model: completeModel(json.model) };
}

/**
 * The model as the library knows it. Old files leave its type out, which the library takes for a table of whole words:
 * every inflected word would be unknown. New files hold merges as pairs, which it knows as text only.
 */
function completeModel(model: TokenizerJson['model']): TokenizerJson['model'] {
  const merges = (model['merges'] as readonly (string | readonly string[])[] | undefined)?.map((merge) =>
    typeof merge === 'string' ? merge : merge.join(' '),
  );
  const hasScores = Array.isArray(model['vocab']);
  const guess = merges ? 'BPE' : hasScores ? 'Unigram' : 'continuing_subword_prefix' in model ? 'WordPiece' : undefined;
  const type = model.type ?? guess;
  return { ...model, ...(type !== undefined && { type }), ...(merges !== undefined && { merges }) };
}

/**
 * WordPiece marks the tokens that go on with a word (`##ing`), byte-level and Metaspace models those that begin one
 * (`Ġthe`, `▁the`).
 */
function wordRule(json: TokenizerJson, vocab: readonly string[], specialIds: ReadonlySet<number>) {
  const prefix = json.model['continuing_subword_prefix'];
  if (typeof prefix === 'string' && prefix !== '') {
    return (id: number): boolean => vocab[id]?.startsWith(prefix) === true;
  }
  if (JSON.stringify([json['pre_tokenizer'], json['decoder']]).includes('"ByteLevel"')) {
    // Bytes of a character that begins in the token before, or goes on in the next, are part of a word.
    return (id: number): boolean =>
      !specialIds.has(id) && !/^[^\p{L}\p{N}\p{M}\ufffd]/u.test(byteLevelText(vocab[id] ?? ''));
  }
  return (id: number): boolean => !specialIds.has(id) && !/^([Ġ▁Ċ]|[^\p{L}\p{N}])/u.test(vocab[id] ?? '');
}
