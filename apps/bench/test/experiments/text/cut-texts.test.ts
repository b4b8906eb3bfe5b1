import { createTokenizer, trainTokenizer, type TextTokenizer } from '@qb-heat/text';
import { beforeAll, describe, expect, it } from 'vitest';
import { cutTexts, describeCut } from '../../../src/experiments/text/cut-texts.ts';

const texts = ['red blue green red blue', 'green red'];
let tokenizer: TextTokenizer;
beforeAll(async () => {
  tokenizer = createTokenizer(await trainTokenizer(texts, { kind: 'wordpiece', vocabSize: 60 }), 'colors');
});

describe('what encoders see of a text', () => {
  it('is what fits between the tokens that enclose it', () => {
    const { start, end } = tokenizer.special;
    expect([start, end]).not.toContain(undefined);
    expect(cutTexts({ texts, labels: Int32Array.of(0, 1) }, tokenizer, 5)).toEqual({
      texts: ['red blue green', 'green red'],
      labels: Int32Array.of(0, 1),
    });
  });

  it('is told by how many texts are cut, and by how much', () => {
    expect(describeCut(texts, tokenizer, 5)).toEqual([
      'encoders see the first 3 tokens of a text: 50 % of the texts are cut, 71 % of all tokens are seen',
    ]);
    expect(describeCut(texts, tokenizer, 7)).toEqual([]);
  });
});
