import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { meanReciprocal, rankTargets } from '../src/sentence-retrieval.ts';

const candidates = tf.tensor2d([
  [1, 0],
  [0.6, 0.8],
  [0, 1],
  [-1, 0],
  [0, -3],
]);
const rank = async (prediction: number[], source: number, numDistractors: number, seed = 0): Promise<number> => {
  const predictions = tf.tensor2d([prediction]);
  const [only] = await rankTargets(predictions, candidates, Int32Array.of(source), { seed, numDistractors });
  predictions.dispose();
  return only!;
};

it('ranks the sentence after the source by cosine among all others, whatever their length', async () => {
  // Source 1, target 2 = (0, 1); distractors 0, 3, 4 have cosines 0.8, −0.8, −0.6 with (4, 3), the target 0.6.
  expect(await rank([4, 3], 1, 3)).toBe(2);
  // With (0, −1) the target is last: 0 and 3 have cosine 0, 4 has 1.
  expect(await rank([0, -1], 1, 3)).toBe(4);
});

it('shares ranks among equals, so that saying nothing gains nothing', async () => {
  expect(await rank([0, 0], 1, 3)).toBe(2.5);
});

it('leaves the source out and draws as many distractors as asked for, by the seed', async () => {
  // (1, 0) is most like source 0 itself, which is no candidate: target 1 beats 2, 3 and 4.
  expect(await rank([1, 0], 0, 3)).toBe(1);
  const ranks = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((seed) => rank([0, -1], 1, 1, seed)));
  expect(ranks).toEqual(ranks.map(() => 2));
});

it('draws distractors from the corpus of the right sentence alone', async () => {
  // Two corpora of three: with two neighbours each source has one distractor, 2 or 3, whatever the seed.
  const corpora = Int32Array.of(0, 0, 0, 1, 1, 1);
  const others = tf.tensor2d([
    [0, 1],
    [1, 0],
    [0.6, 0.8],
    [-1, 0],
    [0, 1],
    [1, 0.1],
  ]);
  const predictions = tf.tensor2d([
    [0, 1],
    [1, 0],
  ]);
  // (0, 1) is nearer to 2 than to its target 1, but not so near as 4; (1, 0) is nearer to its target 5 than to 3, not than 1.
  const options = { seed: 5, numDistractors: 1, corpora };
  expect([...(await rankTargets(predictions, others, Int32Array.of(0, 4), options))]).toEqual([2, 1]);
  tf.dispose([others, predictions]);
});

it('takes all sentences of a corpus that is too small for the distractors', async () => {
  expect(await rank([4, 3], 1, 100)).toBe(2);
});

it('averages the reciprocals of ranks', () => {
  expect(meanReciprocal(Float64Array.of(1, 2, 4))).toBeCloseTo((1 + 1 / 2 + 1 / 4) / 3, 12);
});
