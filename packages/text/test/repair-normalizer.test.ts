import * as fc from 'fast-check';
import { bertNormalizer, stripAccentsNormalizer } from 'tokenizers';
import { expect, it } from 'vitest';
import { constructTokenizer } from '../src/tokenizer.ts';
import { awkwardTexts, handMadeFiles } from './fixtures.ts';

/** The library's normaliser of a tokenizer file, as a function. */
function normalizerOf(normalizer: object): (text: string) => string {
  const { json, config } = handMadeFiles();
  const tokenizer = constructTokenizer({ json: { ...json, normalizer }, config }, 'x');
  return tokenizer.normalizer;
}
const bert = {
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
};
const normalize = normalizerOf(bert);
const theirs = bertNormalizer();

it.each([...awkwardTexts, 'हिन्दी', 'ก็ไม่ได้', 'ทั้งหมด', '𠀀𠀁 extension B', 'עִבְרִית', 'e\u0301\u20d7', 'ﷺ'])(
  'makes of %j what tokenizers makes of it',
  (text) => {
    expect(normalize(text)).toBe(theirs.normalizeString(text));
  },
);

it('makes the same of any letters, marks and ideographs', () => {
  const character = fc.oneof(
    fc.integer({ min: 0x20, max: 0x24f }),
    fc.integer({ min: 0x300, max: 0x36f }),
    fc.integer({ min: 0x900, max: 0x963 }),
    fc.integer({ min: 0xe01, max: 0xe3a }),
    fc.integer({ min: 0x4e00, max: 0x9fff }),
    fc.integer({ min: 0xac00, max: 0xd7a3 }),
    fc.integer({ min: 0x20000, max: 0x2a6d6 }),
  );
  fc.assert(
    fc.property(fc.array(character, { maxLength: 20 }), (codes) => {
      const text = String.fromCodePoint(...codes);
      expect(normalize(text)).toBe(theirs.normalizeString(text));
    }),
    { seed: 1, numRuns: 500 },
  );
});

it('strips accents in a sequence of normalisers as tokenizers does', () => {
  const sequence = normalizerOf({ type: 'Sequence', normalizers: [{ type: 'NFKD' }, { type: 'StripAccents' }] });
  for (const text of ['Ångström', 'हिन्दी', 'ก็']) {
    expect(sequence(text)).toBe(stripAccentsNormalizer().normalizeString(text.normalize('NFKD')));
  }
});
