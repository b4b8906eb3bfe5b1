import { InputError } from '@qb-heat/core';
import { setImmediate } from 'node:timers/promises';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { evaluateNextSentence } from '../src/next-sentence.ts';
import type { SentenceVectors } from '../src/sentences.ts';

const dim = 4;
/** A quarter turn in each of two planes: the next vector is one linear map away, and nothing like the last. */
const turn = ([a, b, c, d]: number[]): number[] => [-b!, a!, -d!, c!];

/** Texts of three sentences that follow the map up to noise. */
function makeVectors(numTexts: number, seed: number, noise = 0.05): SentenceVectors {
  const random = createRandom(seed);
  const rows: number[][] = [];
  for (let text = 0; text < numTexts; text++) {
    let vector = [...random.normals(dim)];
    for (let sentence = 0; sentence < 3; sentence++) {
      rows.push(vector);
      vector = turn(vector).map((value) => value + noise * random.normal());
    }
  }
  const sources = Int32Array.from({ length: 2 * numTexts }, (_, pair) => 3 * Math.floor(pair / 2) + (pair % 2));
  return { vectors: Float32Array.from(rows.flat()), dim, sources };
}
/** Texts that say one thing three times. */
const still = (seed: number): SentenceVectors => {
  const made = makeVectors(40, seed);
  return { ...made, vectors: made.vectors.map((_, index, all) => all[Math.floor(index / 12) * 12 + (index % 4)]!) };
};

/** The same, half of the texts from another corpus. */
const inTwoCorpora = (made: SentenceVectors): SentenceVectors => {
  const numSentences = made.vectors.length / dim;
  return {
    ...made,
    corpora: Int32Array.from({ length: numSentences }, (_, index) => (2 * index < numSentences ? 0 : 1)),
  };
};

/** Pairs of which the second is the first under a lot of noise: copying is right. */
const noisy = (numPairs: number, seed: number): SentenceVectors => {
  const random = createRandom(seed);
  const pairs = Array.from({ length: numPairs }, () => {
    const vector = Array.from(random.normals(24));
    return vector.concat(vector.map((value) => value + 1.5 * random.normal()));
  });
  return {
    vectors: Float32Array.from(pairs.flat()),
    dim: 24,
    sources: Int32Array.from({ length: numPairs }, (_, pair) => 2 * pair),
  };
};

const options = { seed: 1, numDistractors: 20, numSteps: 40 };

describe('evaluateNextSentence', () => {
  it('finds the next sentence where it is a linear map away, and not by copying or the mean', async () => {
    const scores = await evaluateNextSentence(makeVectors(60, 1), makeVectors(20, 2), options);
    expect(scores.map(({ predictor }) => predictor)).toEqual(['copy', 'mean', 'linear', 'ridge', 'mlp']);
    const [copy, mean, linear, ridge] = scores;
    for (const good of [linear!, ridge!]) {
      expect(good.recallAt1).toBeGreaterThan(0.9);
      expect(good.meanReciprocalRank).toBeGreaterThan(0.95);
      expect(good.r2).toBeGreaterThan(0.98);
      expect(good.numPairs).toBe(40);
    }
    expect(copy!.recallAt1).toBeLessThan(0.3);
    expect(copy!.r2).toBeLessThan(0);
    // All 21 candidates are alike to it: each has the mean rank, 11.
    expect(mean).toMatchObject({ recallAt10: 0, recallAt1: 0 });
    expect(mean!.meanReciprocalRank).toBeCloseTo(1 / 11, 9);
    expect(Math.abs(mean!.r2)).toBeLessThan(0.1);
  });

  it('copies where sentences stay as they are', async () => {
    const [copy, , linear] = await evaluateNextSentence(still(1), still(2), { ...options, numSteps: 1 });
    expect(copy!.r2).toBeCloseTo(1, 5);
    expect(linear!.r2).toBeCloseTo(1, 5);
  });

  it('chooses by retrieval how strongly to fit, not by squared error, for which averages are best', async () => {
    const [copy, , linear, , mlp] = await evaluateNextSentence(noisy(60, 1), noisy(200, 2), {
      ...options,
      numSteps: 300,
    });
    expect(linear!.meanReciprocalRank).toBeGreaterThan(copy!.meanReciprocalRank - 0.03);
    expect(mlp!.meanReciprocalRank).toBeGreaterThan(copy!.meanReciprocalRank - 0.08);
  });

  it('repeats to the bit with its seed and leaves no tensor behind', async () => {
    const [train, test] = [makeVectors(20, 1), makeVectors(10, 2)];
    const before = tf.memory().numTensors;
    const few = { ...options, numSteps: 3 };
    expect(await evaluateNextSentence(train, test, few)).toEqual(await evaluateNextSentence(train, test, few));
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([0, 20, 41, 43])('leaves no tensor behind when it is stopped after %d turns', async (numTurns) => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    // Turn 1 to 40 are steps of the MLP, the next ones the predictors.
    const scoring = evaluateNextSentence(makeVectors(20, 1), makeVectors(10, 2), {
      ...options,
      signal: controller.signal,
    });
    const stopping = (async () => {
      for (let count = 0; count < numTurns; count++) await setImmediate();
      controller.abort(new Error('enough'));
    })();
    await expect(scoring).rejects.toThrow('enough');
    await stopping;
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains the MLP to predict better than copying', async () => {
    const scores = await evaluateNextSentence(makeVectors(60, 1), makeVectors(20, 2), { ...options, numSteps: 600 });
    expect(scores[4]!.r2).toBeGreaterThan(scores[0]!.r2 + 0.5);
  });

  it.each([
    [makeVectors(2, 1), makeVectors(20, 2), /needs 10 training pairs and a test pair .* got 4 and 40/],
    [makeVectors(20, 1), makeVectors(5, 2), /20 distractors need 22 test sentences of a corpus, got 15/],
    [makeVectors(20, 1), inTwoCorpora(makeVectors(10, 2)), /need 22 test sentences of a corpus, got 15/],
    [makeVectors(20, 1), { ...makeVectors(20, 2), dim: 2 }, /test vectors must have dim 4, got 2/],
  ])('refuses what it cannot score', async (train, test, message) => {
    const scoring = evaluateNextSentence(train, test, options);
    await expect(scoring).rejects.toThrow(InputError);
    await expect(scoring).rejects.toThrow(message);
  });
});
