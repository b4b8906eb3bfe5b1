import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { readSets } from '../../src/probes/labelled-features.ts';
import type { LabelledFeatures } from '../../src/probes/labelled-features.ts';

const good: LabelledFeatures = {
  features: Float32Array.of(1, 2, 3, 4),
  labels: Int32Array.of(0, 1),
  numClasses: 2,
};

describe('readSets', () => {
  it('finds the number of features per sample', async () => {
    const { train } = await readSets('probe', good, good);
    expect(train).toMatchObject({ numSamples: 2, dim: 2, numClasses: 2 });
  });

  it.each<[string, LabelledFeatures, LabelledFeatures, string]>([
    ['an empty set', { ...good, labels: new Int32Array(0) }, good, 'probe: train set is empty'],
    [
      'rows of unequal length',
      good,
      { ...good, features: new Float32Array(3) },
      'probe: test features must be [2, dim], one row per label, got 3 numbers',
    ],
    [
      'a class that does not exist',
      { ...good, labels: Int32Array.of(0, 2) },
      good,
      'probe: train labels must be from 0 to 1, got 2',
    ],
    [
      'a feature that is not finite',
      good,
      { ...good, features: Float32Array.of(1, 2, 3, Number.NaN) },
      'probe: test features must be finite, got NaN in sample 1',
    ],
    [
      'sets of different dimension',
      good,
      { ...good, features: new Float32Array(6) },
      'probe: train has 2 features per sample, test has 3',
    ],
    ['sets of different classes', good, { ...good, numClasses: 3 }, 'probe: train has 2 classes, test has 3'],
  ])('refuses %s', async (_, train, test, message) => {
    await expect(readSets('probe', train, test)).rejects.toThrow(new InputError(message));
  });

  it('refuses a tensor whose rows are not the samples', async () => {
    const features = tf.zeros<tf.Rank.R2>([4, 1]);
    await expect(readSets('probe', { ...good, features }, good)).rejects.toThrow(
      'probe: train features must be [2, dim], one row per label, got [4, 1]',
    );
    features.dispose();
  });
});
