import { createTokenizer, trainTokenizer, type TextTokenizer } from '@qb-heat/text';
import { beforeAll, describe, expect, it } from 'vitest';
import { BagOfWords } from '../../src/experiments/bag-of-words.ts';

const texts = ['red red blue', 'blue green', 'blue'];
let tokenizer: TextTokenizer;
beforeAll(async () => {
  const files = await trainTokenizer(texts, { kind: 'wordpiece', vocabSize: 60 });
  tokenizer = createTokenizer(files, 'colors');
});

describe('BagOfWords', () => {
  it('weighs a word by how often it comes and how rare it is', () => {
    const bag = new BagOfWords(tokenizer, texts);
    expect(bag.dim).toBe(3);
    // Columns: blue is in three texts; green and red in one each, in the order of their ids.
    const [blue, ...others] = bag.encode(['red red blue']);
    expect(blue).toBeCloseTo(Math.log(4 / 4) + 1, 5);
    const red = (1 + Math.log(2)) * (Math.log(4 / 2) + 1);
    expect(Math.min(...others)).toBe(0);
    expect(Math.max(...others)).toBeCloseTo(red, 5);
  });

  it('leaves words out that the training texts lack', () => {
    const bag = new BagOfWords(tokenizer, texts.slice(2));
    expect([...bag.encode(['red green'])]).toEqual([0]);
  });
});
