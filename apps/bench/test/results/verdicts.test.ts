import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/results/schema.ts';
import { askQuestions } from '../../src/results/verdicts.ts';

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
  it('answers for the proposal by metric, with the difference, its interval and the number of seeds', () => {
    const verdicts = askQuestions([
      compare('linear', 'heldOutLoss', [-0.3, -0.1]),
      compare('linear', 'knn', [-0.02, -0.01]),
      compare('linear', 'linearProbe@trec', [-0.1, 0.2]),
    ]);
    expect(verdicts).toEqual([
      {
        question: 'Text: one visible window · news · transformer-nano: is linear better than mask-token?',
        answer:
          'Better in held-out loss (−0.2000, −0.3000 to −0.1000; 3 seeds); worse in kNN (−0.015, −0.020 to −0.010; 3 seeds); ' +
          'open in linear probe, trec (+0.050, −0.100 to +0.200; 3 seeds).',
        comparisons: [0, 1, 2],
      },
    ]);
  });

  it('answers for the other methods in short, each baseline by itself, and names the comparisons by their places', () => {
    const verdicts = askQuestions([
      compare('linear', 'knn', [0.1, 0.2]),
      compare('nearest', 'knn', [-0.1, 0.2]),
      compare('nearest', 'tran1', [-0.1, 0.2]),
      compare('mlp', 'knn', [0.1, 0.2]),
      compare('linear', 'knn', [-0.2, -0.1], 'bert-80-10-10'),
    ]);
    expect(verdicts.map(({ question }) => question.split(': ').at(-1))).toEqual([
      'is linear better than mask-token?',
      'is any other method better than mask-token?',
      'is linear better than bert-80-10-10?',
    ]);
    expect(verdicts[1]).toMatchObject({ answer: 'nearest: open in all. mlp: better in kNN.', comparisons: [1, 2, 3] });
    expect(verdicts[2]?.answer).toMatch(/^Worse in kNN/);
  });

  it('asks apart whether pre-training helps', () => {
    const verdicts = askQuestions([compare('linear', 'knn', [0.1, 0.2], 'random-init')]);
    expect(verdicts.map(({ question, answer }) => [question.split(': ').at(-1), answer])).toEqual([
      ['does pre-training help, against the encoder as it was drawn?', 'linear: better in kNN.'],
    ]);
  });

  it('says nothing of one seed', () => {
    expect(askQuestions([compare('linear', 'knn', 0.5)])[0]?.answer).toBe('Open: one seed gives no interval.');
  });
});
