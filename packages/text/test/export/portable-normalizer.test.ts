import { PreTrainedTokenizer } from '@xenova/transformers/src/tokenizers.js';
import { Tokenizer } from 'tokenizers';
import { describe, expect, it } from 'vitest';
import { portableNormalizer } from '../../src/export/portable-normalizer.ts';
import { createTokenizer } from '../../src/tokenizer.ts';
import { awkwardTexts, handMadeFiles } from '../fixtures.ts';

const hindi = 'नमस्ते दुनिया';
const texts = [...awkwardTexts, hindi, 'สวัสดีชาวโลก', 'שָׁלוֹם עוֹלָם', 'السَّلامُ عَلَيْكُم', 'Việt Nam ÉCOLE'];

const bert = { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true };
const normalizers = {
  'BERT, lower case': { ...bert, strip_accents: null, lowercase: true },
  'BERT, lower case with accents': { ...bert, strip_accents: false, lowercase: true },
  'BERT with case': { ...bert, strip_accents: null, lowercase: false },
  'BERT with case without accents': { ...bert, strip_accents: true, lowercase: false },
  'a sequence': { type: 'Sequence', normalizers: [{ type: 'NFKD' }, { type: 'StripAccents' }, { type: 'Lowercase' }] },
};

/** Characters as tokens, so that what is normalised can be read from the ids. */
function filesWith(normalizer: unknown) {
  const { json, config } = handMadeFiles();
  const characters = new Set(texts.join('').normalize('NFD') + texts.join('').normalize('NFD').toLowerCase());
  const tokens = [
    ...Object.keys(json.model['vocab'] as object),
    ...characters,
    ...[...characters].map((c) => `##${c}`),
  ];
  const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
  const model = { ...json.model, vocab, max_input_chars_per_word: 1000 };
  return { json: { ...json, model, normalizer, added_tokens: [] }, config: { ...config, unk_token: '[UNK]' } };
}

/** Ids of the library that trains vocabularies. */
async function encodeNatively(normalizer: unknown, text: string): Promise<number[]> {
  const { json } = filesWith(normalizer);
  return (await Tokenizer.fromString(JSON.stringify(json)).encode(text)).getIds();
}

describe('portableNormalizer', () => {
  it.each(Object.entries(normalizers))('lets the unmended library see what this package sees: %s', (_, normalizer) => {
    const own = createTokenizer(filesWith(normalizer), 'own');
    const { json, config } = filesWith(portableNormalizer(normalizer));
    const theirs = new PreTrainedTokenizer(json, config);
    for (const text of texts.filter((each) => !/[\u{20000}-\u{2fa1f}]/u.test(each))) {
      expect(theirs.encode(text, null, { add_special_tokens: false }), text.slice(0, 40)).toEqual(own.encode(text));
    }
  });

  it('is needed for it', () => {
    const files = filesWith(normalizers['BERT, lower case']);
    const theirs = new PreTrainedTokenizer(files.json, files.config);
    expect(theirs.encode(hindi, null, { add_special_tokens: false })).not.toEqual(
      createTokenizer(files, 'own').encode(hindi),
    );
  });

  it.each(Object.entries(normalizers))(
    'changes nothing in the library that trains vocabularies: %s',
    async (_, each) => {
      for (const text of texts) {
        expect(await encodeNatively(portableNormalizer(each), text)).toEqual(await encodeNatively(each, text));
      }
    },
  );

  it('leaves others as they are', () => {
    expect(portableNormalizer(null)).toBeNull();
    expect(portableNormalizer({ type: 'NFKC' })).toEqual({ type: 'NFKC' });
  });
});
