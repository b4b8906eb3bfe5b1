import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import type { TokenizerJson } from '../src/tokenizer.ts';
import { createTokenizer } from '../src/tokenizer.ts';
import { handMadeFiles, handMadeTokenizer, handMadeTokens } from './fixtures.ts';

const id = (token: string): number => handMadeTokens.indexOf(token);

describe('createTokenizer', () => {
  it('cuts words into pieces of the vocabulary, without start and end', () => {
    const expected = ['the', 'dog', '##s', 'bark', '.', '[UNK]', 'run', '##ning'].map(id);
    expect(handMadeTokenizer.encode('The DOGS bark. Hamsters running')).toEqual(expected);
  });

  it('decodes what it encoded, up to case', () => {
    expect(handMadeTokenizer.decode(handMadeTokenizer.encode('A cat sees the dogs.'))).toBe('a cat sees the dogs.');
  });

  it('knows its special tokens by their usual names and by none other', () => {
    expect(handMadeTokenizer.special).toEqual({ pad: 0, unknown: 1, start: 2, end: 3, mask: 4 });
    expect([...handMadeTokenizer.specialIds].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(handMadeTokenizer.vocabSize).toBe(15);
  });

  it('takes the special tokens that the configuration names', () => {
    const files = handMadeFiles(['<p>', '<u>', '<m>', 'the']);
    const config = { pad_token: '<p>', unk_token: { content: '<u>' }, mask_token: '<m>' };
    const { special } = createTokenizer({ ...files, config }, 'own');
    expect(special).toEqual({ pad: 0, unknown: 1, mask: 2, start: undefined, end: undefined });
  });

  it('cuts words into pieces also when the file leaves the kind of its model out', () => {
    const { json, config } = handMadeFiles();
    const { type: _, ...model } = json.model;
    const untyped = createTokenizer({ json: { ...json, model }, config }, 'old');
    expect(untyped.encode('the dogs bark')).toEqual(handMadeTokenizer.encode('the dogs bark'));
  });

  it('gives unknown words the unknown token without any configuration', () => {
    expect(handMadeTokenizer.encode('你 😀')).toEqual([1, 1]);
  });

  it('takes the mark that corpora have in the place of rare words for the unknown token', () => {
    expect(handMadeTokenizer.encode('the <unk> barks , <unk><unk>')).toEqual([
      id('the'),
      1,
      id('bark'),
      id('##s'),
      1,
      1,
      1,
    ]);
    const files = handMadeFiles(['<pad>', '<unk>', '<mask>', 'the']);
    expect(createTokenizer(files, 'own mark').encode('<unk> the')).toEqual([1, 3]);
  });

  it('tells which tokens go on with a word', () => {
    expect(['##s', 'see', '.', '[CLS]'].map((token) => handMadeTokenizer.continuesWord(id(token)))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('tells words of byte-level vocabularies by their spaces, and reads merges in pairs or as text', () => {
    const tokens = ['<pad>', '<unk>', '<mask>', 'Ġ', 'a', 'b', 'c', 'Ġa', 'bc', '.'];
    const json = (merges: unknown): TokenizerJson => ({
      added_tokens: tokens.slice(0, 3).map((content, index) => ({ id: index, content, special: true })),
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, index) => [token, index])), merges },
    });
    const [asPairs, asText] = [
      [
        ['Ġ', 'a'],
        ['b', 'c'],
      ],
      ['Ġ a', 'b c'],
    ].map((merges) => createTokenizer({ json: json(merges), config: {} }, 'bytes'));
    const ids = asPairs!.encode('c abc.');
    expect(ids.map((each) => tokens[each])).toEqual(['c', 'Ġa', 'bc', '.']);
    expect(ids.map((each) => asPairs!.continuesWord(each))).toEqual([true, false, true, false]);
    expect(asText!.encode('c abc.')).toEqual(ids);
  });

  it('takes bytes within a character for a part of a word, and decoded spaces for its end', () => {
    // é is the bytes C3 A9, written Ã and ©; a tab is ĉ; « is C2 AB.
    const tokens = ['<pad>', '<unk>', '<mask>', 'Ã', '©', '©t', 'Ã©t', 'ĉa', 'Â«', 'Ġ'];
    const tokenizer = createTokenizer(
      {
        json: {
          added_tokens: tokens.slice(0, 3).map((content, index) => ({ id: index, content, special: true })),
          pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
          decoder: { type: 'ByteLevel' },
          model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, index) => [token, index])), merges: [] },
        },
        config: {},
      },
      'bytes',
    );
    const going = tokens.filter((_, index) => tokenizer.continuesWord(index));
    expect(going).toEqual(['Ã', '©', '©t', 'Ã©t']);
  });

  it.each([
    ['[PAD]', /has no token for pad; add pad_token to/],
    [
      '[MASK]',
      /tokenizer small: has no token for mask; add mask_token to its tokenizer\.json and tokenizer_config\.json, or use/,
    ],
    ['[UNK]', /has no token for unknown; add unk_token/],
  ])('refuses a vocabulary without %s and says what to do', (token, message) => {
    const files = handMadeFiles(handMadeTokens.filter((each) => each !== token));
    expect(() => createTokenizer(files, 'small')).toThrow(InputError);
    expect(() => createTokenizer(files, 'small')).toThrow(message);
  });

  it('does not take the end token for padding, as the library would', () => {
    const files = handMadeFiles(['</s>', '<unk>', '<mask>', 'the']);
    expect(() => createTokenizer({ ...files, config: { eos_token: '</s>' } }, 'gpt')).toThrow(/no token for pad/);
  });

  it('refuses what is no tokenizer', () => {
    expect(() => createTokenizer({ json: {} as TokenizerJson, config: {} }, 'x')).toThrow(
      /tokenizer x: has no 'model'/,
    );
    const { json } = handMadeFiles();
    const broken = { ...json, pre_tokenizer: { type: 'Magic' } };
    expect(() => createTokenizer({ json: broken, config: {} }, 'x')).toThrow(/tokenizer x: cannot be built .*Magic/);
  });
});
