import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { generateText } from '../src/data/synthetic.ts';
import { wordBaseline } from '../src/word-baseline.ts';

const split = (texts: string[], labels: number[]) => ({ texts, labels: Int32Array.from(labels) });

describe('wordBaseline', () => {
  it('tells texts apart by their words', async () => {
    const train = split(['good fun', 'good film', 'bad film', 'bad taste'], [1, 1, 0, 0]);
    const { predictions, accuracy } = await wordBaseline(train, split(['good taste', 'bad fun', 'bad'], [1, 0, 1]));
    expect([...predictions]).toEqual([1, 0, 0]);
    expect(accuracy).toBeCloseTo(2 / 3, 9);
  });

  it('falls back on the commonest class where it knows no word', async () => {
    const train = split(['aa bb', 'cc dd', 'ee ff'], [2, 2, 0]);
    expect([...(await wordBaseline(train, split(['xx yy'], [2]))).predictions]).toEqual([2]);
  });

  it('gives the accuracy of scikit-learn on the same texts', async () => {
    // TfidfVectorizer(ngram_range=(1, 2)) and LogisticRegression(C=10, max_iter=1000) of scikit-learn 1.9.1 on these
    // 400 and 100 texts of the generator: 0.92.
    const { train, test } = generateText({ numTrain: 400, numTest: 100 });
    expect((await wordBaseline(train, test)).accuracy).toBeCloseTo(0.92, 9);
  });

  it('repeats to the bit', async () => {
    const { train, test } = generateText({ numTrain: 80, numTest: 40 });
    expect(await wordBaseline(train, test)).toEqual(await wordBaseline(train, test));
  });

  it('refuses texts without labels', async () => {
    await expect(wordBaseline(split(['a'], []), split(['b'], []))).rejects.toThrow(InputError);
  });
});
