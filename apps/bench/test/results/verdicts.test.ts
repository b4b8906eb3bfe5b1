import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/results/schema.ts';
import { askQuestions, groupVerdicts } from '../../src/results/verdicts.ts';

const comparand = { suite: 'text', dataset: 'news', encoder: 'transformer-nano', masking: 'span' } as const;

function compare(
  method: string,
  metric: string,
  difference: readonly number[] | number,
  baseline = 'mask-token',
): Comparison {
  const [low, high] = typeof difference === 'number' ? [difference, difference] : [difference[0]!, difference[1]!];
  return {
    ...comparand,
    method,
    baseline,
    metric,
    n: typeof difference === 'number' ? 1 : 3,
    meanDifference: (low + high) / 2,
    interval: typeof difference === 'number' ? null : { low, high },
  };
}

describe('askQuestions', () => {
  it('answers for the proposal by metric, with what is decided and its interval, and the number of seeds', () => {
    const verdicts = askQuestions([
      compare('linear', 'heldOutLoss', [-0.3, -0.1]),
      compare('linear', 'knn', [-0.02, -0.01]),
      compare('linear', 'linearProbe@trec', [-0.1, 0.2]),
    ]);
    expect(verdicts).toEqual([
      {
        question: 'Is linear better than mask-token?',
        answer:
          'Over 3 seeds: better in held-out loss −0.2000 (−0.3000 to −0.1000); worse in kNN −0.015 (−0.020 to −0.010); ' +
          'open in linear probe on trec.',
        comparisons: [0, 1, 2],
      },
    ]);
  });

  it('answers for the other methods in short, each baseline by itself, and names the comparisons by their places', () => {
    const verdicts = askQuestions([
      compare('linear', 'knn', [0.1, 0.2]),
      compare('nearest', 'knn', [-0.1, 0.2]),
      compare('nearest', 'tran1', [-0.1, 0.2]),
      compare('zero', 'knn', [-0.2, -0.1]),
      compare('zero', 'tran1', [-0.1, 0.2]),
      compare('mean', 'knn', [-0.1, 0.1]),
      compare('mean', 'tran1', [-0.1, 0.2]),
      compare('mlp', 'knn', [0.1, 0.2]),
      compare('linear', 'knn', [-0.2, -0.1], 'bert-80-10-10'),
    ]);
    expect(verdicts.map(({ question }) => question)).toEqual([
      'Is linear better than mask-token?',
      'Is any other method better than mask-token?',
      'Is linear better than bert-80-10-10?',
    ]);
    expect(verdicts[1]).toMatchObject({
      answer: 'Over 3 seeds: nearest and mean open in all; zero worse in kNN, open in the rest; mlp better in kNN.',
      comparisons: [1, 2, 3, 4, 5, 6, 7],
    });
    expect(verdicts[2]?.answer).toBe('Over 3 seeds: worse in kNN −0.150 (−0.200 to −0.100).');
  });

  it('asks apart whether pre-training helps', () => {
    const verdicts = askQuestions([compare('linear', 'knn', [0.1, 0.2], 'random-init')]);
    expect(verdicts.map(({ question, answer }) => [question, answer])).toEqual([
      ['Does pre-training help, against the encoder as it was drawn?', 'Over 3 seeds: linear better in kNN.'],
    ]);
  });

  it('says how many seeds there are where they differ', () => {
    const verdicts = askQuestions([
      compare('linear', 'heldOutLoss', [-0.2, -0.1]),
      { ...compare('linear', 'knn', [-0.2, 0.1]), n: 2 },
    ]);
    expect(verdicts[0]?.answer).toMatch(/^Over 2 to 3 seeds: better in held-out loss .*; open in kNN\.$/);
  });

  it('says nothing of one seed', () => {
    expect(askQuestions([compare('linear', 'knn', 0.5)])[0]?.answer).toBe('Open: one seed gives no interval.');
  });
});

describe('askQuestions of seeds that do not differ', () => {
  it('says nothing of one difference, however large', () => {
    expect(askQuestions([{ ...compare('linear', 'knn', 0.5), n: 3 }])[0]?.answer).toBe(
      'Open: the difference is equal in all seeds, so that there is no spread to judge by.',
    );
  });
});

describe('groupVerdicts', () => {
  it('tells what questions are about once for all of them', () => {
    const comparisons = [
      compare('linear', 'knn', [0.1, 0.2]),
      compare('linear', 'knn', [0.1, 0.2], 'random-init'),
      { ...compare('linear', 'knn', [0.1, 0.2]), dataset: 'reviews' },
    ];
    const groups = groupVerdicts({ comparisons, verdicts: askQuestions(comparisons) });
    expect(groups.map(({ title, verdicts }) => [title, verdicts.length])).toEqual([
      ['Text: one visible window · news · transformer-nano', 2],
      ['Text: one visible window · reviews · transformer-nano', 1],
    ]);
  });
});
