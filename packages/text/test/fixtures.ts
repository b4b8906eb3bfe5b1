import type { TextTokenizer, TokenizerFiles } from '../src/tokenizer.ts';
import { createTokenizer } from '../src/tokenizer.ts';

/** A WordPiece vocabulary of whole words and a few endings, written by hand. */
export const handMadeTokens = '[PAD] [UNK] [CLS] [SEP] [MASK] the dog cat bark ##s see run ##ning a .'.split(' ');

export function handMadeFiles(tokens: readonly string[] = handMadeTokens): TokenizerFiles {
  const special = tokens.filter((token) => token.startsWith('['));
  return {
    json: {
      version: '1.0',
      added_tokens: special.map((content) => ({ id: tokens.indexOf(content), content, special: true })),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      },
    },
    config: {},
  };
}

export const handMadeTokenizer: TextTokenizer = createTokenizer(handMadeFiles(), 'hand-made');

/** Awkward text: every library has to make the same of it. */
export const awkwardTexts: readonly string[] = [
  '',
  '   \t\n ',
  'Hello, World! 3.14 & more...',
  '😀 👩‍👩‍👧‍👦 🏳️‍🌈 in a row',
  '你好世界，今天天气很好。',
  'cafe\u0301 naïve Ångström ﬁ ½ İstanbul',
  'مرحبا שלום हिन्दी ไทย',
  '𠀀𠀁 e\u0301\u20d7',
  'zero\u200bwidth \ufeff nul\u0000l 　wide',
  "don't can't [MASK] [CLS] [SEP]x",
  'a'.repeat(100_000),
];
