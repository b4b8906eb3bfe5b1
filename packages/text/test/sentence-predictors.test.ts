import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { splitPairs } from '../src/sentence-predictors.ts';

const firstOf = (rows: tf.Tensor2D): number[] => Array.from(rows.dataSync()).filter((_, index) => index % 2 === 0);

it('validates by the test that counts: the sentences of its pairs once each, in order, with their corpora', () => {
  // Sentence i is (i, 1). Two corpora of texts of 5 sentences, of which the last has none after it.
  const numSentences = 100;
  const vectors = tf.tensor2d(Array.from({ length: numSentences }, (_, index) => [index, 1]));
  const sources = Int32Array.from(Array.from({ length: numSentences }).keys()).filter((index) => index % 5 !== 4);
  const corpora = Int32Array.from({ length: numSentences }, (_, index) => (index < 50 ? 0 : 1));
  const before = tf.memory().numTensors;
  const { all, fitting, validation } = splitPairs({ vectors, sources, corpora }, { seed: 1, numDistractors: 7 });
  expect(tf.memory().numTensors).toBe(before + 7);

  expect(firstOf(all.x)).toEqual([...sources]);
  for (const { x, y } of [all, fitting, validation]) {
    expect(firstOf(y)).toEqual(firstOf(x).map((index) => index + 1));
  }
  expect([...firstOf(fitting.x), ...firstOf(validation.x)].toSorted((a, b) => a - b)).toEqual([...sources]);
  expect(validation.sources).toHaveLength(16); // a fifth of 80

  const candidates = firstOf(validation.candidates);
  expect(candidates).toEqual([...new Set(candidates)].toSorted((a, b) => a - b));
  const at = (offset: number): number[] => Array.from(validation.sources, (place) => candidates[place + offset]!);
  expect(at(0)).toEqual(firstOf(validation.x));
  expect(at(1)).toEqual(firstOf(validation.y));
  expect([...validation.ranking.corpora!]).toEqual(candidates.map((index) => corpora[index]));
  expect(validation.ranking.numDistractors).toBe(7);
  for (const { x, y } of [all, fitting, validation]) tf.dispose([x, y]);
  tf.dispose([vectors, validation.candidates]);
});
