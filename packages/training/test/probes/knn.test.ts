import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { knnProbe } from '../../src/probes/knn.ts';
import type { LabelledFeatures } from '../../src/probes/labelled-features.ts';
import { rowsOf, sampleClusters } from './samples.ts';

const planar = (labels: number[], rows: number[][]): LabelledFeatures => ({
  features: Float32Array.from(rows.flat()),
  labels: Int32Array.from(labels),
  numClasses: 3,
});

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

function cosine(a: number[], b: number[]): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** The definition, sample by sample in float64. */
function classify(
  train: { rows: number[][]; labels: Int32Array },
  row: number[],
  k: number,
  temperature: number,
): number {
  const neighbors = train.rows
    .map((other, index) => ({ similarity: cosine(row, other), label: train.labels[index] as number }))
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, k);
  const votes = new Map<number, number>();
  for (const { similarity, label } of neighbors) {
    votes.set(label, (votes.get(label) ?? 0) + Math.exp(similarity / temperature));
  }
  return [...votes].toSorted(([, a], [, b]) => b - a)[0]?.[0] as number;
}

describe('knnProbe', () => {
  it('lets near neighbors outvote many far ones, by the temperature', async () => {
    // Angles to the test sample (1, 0): 0° for class 2, 60° (cosine 0.5) twice for class 1.
    const train = planar(
      [1, 2, 1],
      [
        [0.5, Math.sqrt(0.75)],
        [9, 0],
        [0.5, -Math.sqrt(0.75)],
      ],
    );
    const test = planar([2], [[1, 0]]);
    // exp(1 / 0.5) = 7.39 against 2 · exp(0.5 / 0.5) = 5.44; exp(1 / 2) = 1.65 against 2 · exp(0.5 / 2) = 2.57.
    expect((await knnProbe(train, test, { temperature: 0.5 })).predictions).toEqual(Int32Array.of(2));
    expect((await knnProbe(train, test, { temperature: 2 })).predictions).toEqual(Int32Array.of(1));
  });

  it('gives a tie to the lower class and asks no more neighbors than there are', async () => {
    const train = planar(
      [2, 1],
      [
        [1, 1],
        [1, -1],
      ],
    );
    expect((await knnProbe(train, planar([1], [[1, 0]]))).predictions).toEqual(Int32Array.of(1));
  });

  it('agrees with the definition on random clusters', async () => {
    const shape = { numSamples: 200, dim: 6, numClasses: 4, spread: 1.2 };
    const [train, test] = [sampleClusters(1, shape), sampleClusters(2, shape)];
    for (const [k, temperature] of [
      [20, 0.07],
      [5, 0.5],
      [1, 1],
    ] as const) {
      const rows = rowsOf(train);
      const expected = rowsOf(test).map((row) => classify({ rows, labels: train.labels }, row, k, temperature));
      const { predictions, accuracy } = await knnProbe(train, test, { k, temperature });
      expect(Array.from(predictions)).toEqual(expected);
      expect(accuracy).toBe(expected.filter((label, index) => label === test.labels[index]).length / 200);
    }
  });

  it('takes more pairs than it holds at a time', async () => {
    // 3,000 × 3,000 similarities exceed the bound of 2²³.
    const shape = { numSamples: 3000, dim: 2, numClasses: 2, spread: 0 };
    expect((await knnProbe(sampleClusters(1, shape), sampleClusters(2, shape))).accuracy).toBe(1);
  });

  it('takes tensors, leaves them to the caller, and leaves nothing else behind', async () => {
    const shape = { numSamples: 30, dim: 5, numClasses: 3, spread: 1 };
    const [train, test] = [sampleClusters(1, shape), sampleClusters(2, shape)];
    const expected = await knnProbe(train, test);
    const trainTensor = tf.tensor2d(train.features, [30, 5]);
    const testTensor = tf.tensor2d(test.features, [30, 5]);
    const before = tf.memory().numTensors;
    expect(await knnProbe({ ...train, features: trainTensor }, { ...test, features: testTensor })).toEqual(expected);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([trainTensor, testTensor]);
  });

  it('scores features of length zero without NaN', async () => {
    const train = planar(
      [1, 2],
      [
        [0, 0],
        [1, 0],
      ],
    );
    expect((await knnProbe(train, planar([1], [[0, 0]]))).predictions).toEqual(Int32Array.of(1));
  });

  it('ends with the reason of its signal', async () => {
    const set = planar([0], [[1, 0]]);
    await expect(knnProbe(set, set, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('refuses options without a meaning', async () => {
    const set = planar([0], [[1, 0]]);
    await expect(knnProbe(set, set, { k: 0 })).rejects.toThrow('knnProbe: k must be a whole number from 1, got 0');
    await expect(knnProbe(set, set, { temperature: 0 })).rejects.toThrow(
      'knnProbe: temperature must be positive, got 0',
    );
  });
});
