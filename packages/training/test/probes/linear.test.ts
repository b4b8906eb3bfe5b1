import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { linearProbe } from '../../src/probes/linear.ts';
import { createRandom } from '../../src/random.ts';
import { rowsOf, sampleClusters } from './samples.ts';

const shape = { numSamples: 70, dim: 5, numClasses: 3, spread: 1.5 };
const train = sampleClusters(1, shape);
const test = sampleClusters(2, { ...shape, numSamples: 300 });

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** The same probe written out in float64: batches of 16 of 70 samples, 4 steps an epoch, the last 6 samples left out. */
function predictByDefinition(seed: number, numEpochs: number): number[] {
  const { dim, numClasses } = shape;
  const rows = rowsOf(train);
  const columns = Array.from({ length: dim }, (_, column) => rows.map((row) => row[column] as number));
  const means = columns.map((column) => sum(column) / column.length);
  const deviations = columns.map((column, index) =>
    Math.sqrt(sum(column.map((value) => (value - (means[index] as number)) ** 2)) / column.length + 1e-6),
  );
  const standardize = (row: number[]): number[] =>
    row.map((value, column) => (value - (means[column] as number)) / (deviations[column] as number));

  // One row of weights per class, the bias at its end.
  const weights = Array.from({ length: numClasses }, () => Array.from({ length: dim + 1 }, () => 0));
  const velocities = weights.map((row) => [...row]);
  const scoresOf = (row: number[]): number[] =>
    weights.map((weight) => sum([...row, 1].map((x, i) => x * (weight[i] as number))));
  for (let epoch = 0; epoch < numEpochs; epoch++) {
    const order = createRandom(seed).fork('linearProbe').fork(epoch).permutation(rows.length);
    for (let step = 0; step < 4; step++) {
      const progress = (4 * epoch + step) / (4 * numEpochs);
      const rate = (((0.1 * 16) / 256) * (1 + Math.cos(Math.PI * progress))) / 2;
      const gradients = weights.map((row) => row.map(() => 0));
      for (const sample of order.subarray(16 * step, 16 * step + 16)) {
        const row = standardize(rows[sample] as number[]);
        const exponentials = scoresOf(row).map(Math.exp);
        for (const [label, gradient] of gradients.entries()) {
          const error = (exponentials[label] as number) / sum(exponentials) - (train.labels[sample] === label ? 1 : 0);
          for (const [index, x] of [...row, 1].entries())
            gradient[index] = (gradient[index] as number) + (error * x) / 16;
        }
      }
      for (const [label, velocity] of velocities.entries()) {
        for (const index of velocity.keys()) {
          velocity[index] = 0.9 * (velocity[index] as number) + (gradients[label]?.[index] as number);
          const weight = weights[label] as number[];
          weight[index] = (weight[index] as number) - rate * velocity[index];
        }
      }
    }
  }
  return rowsOf(test).map((row) => {
    const scores = scoresOf(standardize(row));
    return scores.indexOf(Math.max(...scores));
  });
}

function moved(set: typeof train): typeof train {
  return { ...set, features: set.features.map((value) => 1000 * value + 50) };
}

describe('linearProbe', () => {
  it('is batch normalization, then softmax regression by SGD with momentum', async () => {
    const { predictions } = await linearProbe(train, test, { seed: 3, numEpochs: 2, batchSize: 16 });
    const expected = predictByDefinition(3, 2);
    // After eight small steps the classes still meet close to many samples: an error in any term moves some of them.
    expect(Array.from(predictions)).toEqual(expected);
    expect(new Set(expected).size).toBe(3);
  });

  it('separates what a line can separate', async () => {
    const apart = { ...shape, spread: 0.1 };
    expect((await linearProbe(sampleClusters(1, apart), sampleClusters(2, apart), { seed: 0 })).accuracy).toBe(1);
  });

  it('is not moved by the scale and offset of the features', async () => {
    const [original, scaled] = [
      await linearProbe(train, test, { seed: 0, numEpochs: 5 }),
      await linearProbe(moved(train), moved(test), { seed: 0, numEpochs: 5 }),
    ];
    const numDifferent = original.predictions.filter((label, index) => label !== scaled.predictions[index]).length;
    expect(numDifferent).toBeLessThanOrEqual(3);
  });

  it('gives the same result for the same seed, and another order for another', async () => {
    const options = { numEpochs: 1, batchSize: 8 };
    const first = await linearProbe(train, test, { ...options, seed: 1 });
    expect(await linearProbe(train, test, { ...options, seed: 1 })).toEqual(first);
    expect((await linearProbe(train, test, { ...options, seed: 2 })).predictions).not.toEqual(first.predictions);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await linearProbe(train, test, { seed: 0, numEpochs: 2 });
    await expect(linearProbe(train, test, { seed: 0, learningRate: 1e39 })).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says in which epoch it diverged', async () => {
    const diverging = linearProbe(train, test, { seed: 0, batchSize: 8, learningRate: 1e39 });
    await expect(diverging).rejects.toThrow(InputError);
    await expect(diverging).rejects.toThrow(/^linearProbe: diverged in epoch \d+; try a learningRate below 1e\+39$/);
  });

  it('ends with the reason of its signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(linearProbe(train, test, { seed: 0, signal })).rejects.toThrow('enough');
  });
});
