import { createTokenizer, trainTokenizer, type TextTokenizer } from '@qb-heat/text';
import { beforeAll, describe, expect, it } from 'vitest';
import { limitVocabulary } from '../../../src/experiments/text/limit-vocabulary.ts';

const texts = ['red red red blue blue green'];
let whole: TextTokenizer;
let limited: TextTokenizer;
beforeAll(async () => {
  whole = createTokenizer(await trainTokenizer(texts, { kind: 'wordpiece', vocabSize: 60 }), 'colors');
  limited = limitVocabulary(whole, texts, whole.specialIds.size + 2);
});

describe('limitVocabulary', () => {
  it('keeps the special tokens and the commonest others', () => {
    expect(limited.vocabSize).toBe(whole.specialIds.size + 2);
    const tokens = Array.from({ length: limited.vocabSize }, (_, id) => limited.token(id));
    expect(tokens.slice(-2)).toEqual(['red', 'blue']);
    expect(limited.token(limited.special.mask)).toBe(whole.token(whole.special.mask));
    expect(limited.token(limited.special.pad)).toBe(whole.token(whole.special.pad));
  });

  it('makes every other token unknown, which is special', () => {
    const ids = limited.encode('blue green red');
    expect(ids.map((id) => limited.token(id))).toEqual(['blue', '[UNK]', 'red']);
    expect(limited.specialIds.has(limited.special.unknown)).toBe(true);
    expect(limited.decode(ids)).toBe('blue [UNK] red');
  });

  it('has no files to export, and says what to do', () => {
    expect(() => limited.files).toThrow(
      /^--export: tokenizer colors is cut to the commonest \d+ of its \d+ entries .* leave --tokenizer out/,
    );
  });

  it('leaves a vocabulary alone that is small enough', () => {
    expect(limitVocabulary(whole, texts, whole.vocabSize)).toBe(whole);
  });
});
