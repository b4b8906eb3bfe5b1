import { readFile } from 'node:fs/promises';
import { InputError } from '@qb-heat/core';
import { Tokenizer } from 'tokenizers';
import { describe, expect, it } from 'vitest';
import { generateText } from '../src/data/synthetic.ts';
import { loadTokenizer } from '../src/load-tokenizer.ts';
import { createTokenizer } from '../src/tokenizer.ts';
import { saveTokenizer, trainTokenizer } from '../src/train-tokenizer.ts';
import { folderWith } from './data/files.ts';
import { awkwardTexts } from './fixtures.ts';

const corpus = [...generateText({ numTrain: 300, numTest: 1 }).train.texts, '你好世界', 'café naïve', '😀 smile'];

describe.each(['wordpiece', 'bpe'] as const)('trainTokenizer: %s', (kind) => {
  it('makes a vocabulary of the size asked for, special tokens first', async () => {
    const { json } = await trainTokenizer(corpus, { kind, vocabSize: 350 });
    const vocab = json.model['vocab'] as Record<string, number>;
    expect(Object.values(vocab).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 350 }, (_, id) => id));
    expect(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((token) => vocab[token])).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives the same vocabulary every time', async () => {
    const options = { kind, vocabSize: 320 };
    expect(await trainTokenizer(corpus, options)).toEqual(await trainTokenizer(corpus, options));
  });

  it('learns the frequent words whole', async () => {
    const tokenizer = createTokenizer(await trainTokenizer(corpus, { kind, vocabSize: 600 }), 'trained');
    expect(tokenizer.encode(' neighbours')).toHaveLength(1);
  });

  it('is saved in a form from which every library makes the same ids', async () => {
    const folder = await folderWith({});
    await saveTokenizer(await trainTokenizer(corpus, { kind, vocabSize: 400 }), folder);
    const ours = await loadTokenizer(folder);
    const theirs = Tokenizer.fromFile(`${folder}/tokenizer.json`);
    for (const text of [...awkwardTexts, ...corpus.slice(0, 50)]) {
      const expected = (await theirs.encode(text, null, { addSpecialTokens: false })).getIds();
      expect(ours.encode(text), text.slice(0, 50)).toEqual(expected);
    }
    const enclosed = (await theirs.encode('the cat')).getIds();
    expect(enclosed).toEqual([ours.special.start, ...ours.encode('the cat'), ours.special.end]);
    expect(JSON.parse(await readFile(`${folder}/tokenizer_config.json`, 'utf8'))).toMatchObject({
      mask_token: '[MASK]',
    });
  });

  it.each([
    [
      'a vocabulary without room',
      corpus,
      20,
      /vocabSize must be a whole number of at least \d+, for 5 special tokens and/,
    ],
    ['a corpus without text', [' ', ''], 300, /the corpus holds no text/],
    [
      'more than the library learns',
      corpus,
      30_001,
      /vocabSize must be at most 30000, all that the library learns, got 30001/,
    ],
  ])('refuses %s', async (_, texts, vocabSize, message) => {
    const training = trainTokenizer(kind === 'bpe' && vocabSize === 300 ? [] : texts, { kind, vocabSize });
    await expect(training).rejects.toThrow(InputError);
    await expect(training).rejects.toThrow(message);
  });
});

it('reads the corpus as a stream', async () => {
  async function* stream() {
    yield* corpus;
  }
  const options = { kind: 'wordpiece', vocabSize: 300 } as const;
  expect(await trainTokenizer(stream(), options)).toEqual(await trainTokenizer(corpus, options));
});

it('byte-level BPE can write any text back', async () => {
  const tokenizer = createTokenizer(await trainTokenizer(corpus, { kind: 'bpe', vocabSize: 300 }), 'bytes');
  for (const text of ['Straße 😀 你好', 'e\u0301 \t two  spaces']) {
    expect(tokenizer.encode(text)).not.toContain(tokenizer.special.unknown);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }
});

it('keeps case when told so', async () => {
  const files = await trainTokenizer(['Dog dog'], { kind: 'wordpiece', vocabSize: 40, lowercase: false });
  const tokenizer = createTokenizer(files, 'cased');
  expect(tokenizer.encode('Dog')).not.toEqual(tokenizer.encode('dog'));
});

it('learns nothing of the marks of rare words', async () => {
  const marked = corpus.map((text) => text.replace(' ', ' <unk> '));
  const plain = await trainTokenizer(corpus, { kind: 'wordpiece', vocabSize: 300 });
  expect(await trainTokenizer(marked, { kind: 'wordpiece', vocabSize: 300 })).toEqual(plain);
});
