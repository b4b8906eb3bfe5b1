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

/** Scores of the classes by rows of weights whose last is the bias. */
function scoresOf(weights: number[][], row: number[]): number[] {
  return weights.map((weight) => sum([...row, 1].map((x, index) => x * (weight[index] as number))));
}

function classify(weights: number[][], row: number[]): number {
  const scores = scoresOf(weights, row);
  return scores.indexOf(Math.max(...scores));
}

/** Softmax regression by plain gradient descent in float64, as long as it takes. */
function descend(rows: number[][], labels: number[], penalty: number): number[][] {
  const weights = Array.from({ length: shape.numClasses }, () => Array.from({ length: shape.dim + 1 }, () => 0));
  for (let step = 0; step < 1000; step++) {
    const gradients = weights.map((weight) => weight.map((value, index) => (index < shape.dim ? penalty * value : 0)));
    for (const [sample, row] of rows.entries()) {
      const exponentials = scoresOf(weights, row).map(Math.exp);
      const total = sum(exponentials);
      for (const [label, gradient] of gradients.entries()) {
        const error = (exponentials[label] as number) / total - (labels[sample] === label ? 1 : 0);
        for (const [index, x] of [...row, 1].entries()) {
          gradient[index] = (gradient[index] as number) + (error * x) / rows.length;
        }
      }
    }
    for (const [label, weight] of weights.entries()) {
      for (const index of weight.keys())
        weight[index] = (weight[index] as number) - (gradients[label]?.[index] as number);
    }
  }
  return weights;
}

/** The whole probe by its definition: of 70 samples, the first 14 of a random order choose the penalty. */
function predictByDefinition(seed: number, penalties: number[]): { predictions: number[]; penalty: number } {
  const rows = rowsOf(train);
  const columns = Array.from({ length: shape.dim }, (_, column) => rows.map((row) => row[column] as number));
  const means = columns.map((column) => sum(column) / column.length);
  const deviations = columns.map((column, index) =>
    Math.sqrt(sum(column.map((value) => (value - (means[index] as number)) ** 2)) / column.length + 1e-6),
  );
  const standardize = (row: number[]): number[] =>
    row.map((value, column) => (value - (means[column] as number)) / (deviations[column] as number));

  const order = Array.from(createRandom(seed).fork('linearProbe').permutation(rows.length));
  const pick = (numbers: number[]): [number[][], number[]] => [
    numbers.map((number) => standardize(rows[number] as number[])),
    numbers.map((number) => train.labels[number] as number),
  ];
  const [validationRows, validationLabels] = pick(order.slice(0, 14));
  const numRight = penalties.map((penalty) => {
    const weights = descend(...pick(order.slice(14)), penalty);
    return validationRows.filter((row, sample) => classify(weights, row) === validationLabels[sample]).length;
  });
  const penalty = penalties[numRight.indexOf(Math.max(...numRight))] as number;
  const weights = descend(...pick(order), penalty);
  return { predictions: rowsOf(test).map((row) => classify(weights, standardize(row))), penalty };
}

function moved(set: typeof train): typeof train {
  return { ...set, features: set.features.map((value) => 1000 * value + 50) };
}

/** Two features that tell the class roughly by their size, and well by a small difference, which takes large weights. */
function sampleNearCopies(seed: number): typeof train {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: 500 }, () => random.integer(2));
  const features = Float32Array.from(
    [...labels].flatMap((label) => {
      const side = label === 0 ? -1 : 1;
      const common = side + random.normal();
      return [common, common + 0.02 * side + 0.008 * random.normal()];
    }),
  );
  return { features, labels, numClasses: 2 };
}

describe('linearProbe', () => {
  it('is batch normalization, then penalized softmax regression with the penalty that validates best', async () => {
    const penalties = [1, 0.1, 0.01];
    const expected = predictByDefinition(3, penalties);
    const { predictions, penalty } = await linearProbe(train, test, { seed: 3, penalties: penalties.toReversed() });
    expect(penalty).toBe(expected.penalty);
    const numDifferent = expected.predictions.filter((label, index) => label !== predictions[index]).length;
    // A sample that lies on the border of two classes may fall to either.
    expect(numDifferent).toBeLessThanOrEqual(1);
  });

  it('separates what a line can separate', async () => {
    const apart = { ...shape, spread: 0.1 };
    expect((await linearProbe(sampleClusters(1, apart), sampleClusters(2, apart), { seed: 0 })).accuracy).toBe(1);
  });

  it('goes down to penalties that are small enough for features which are almost the same', async () => {
    const [nearTrain, nearTest] = [sampleNearCopies(1), sampleNearCopies(2)];
    const { accuracy, penalty } = await linearProbe(nearTrain, nearTest, { seed: 0 });
    expect(penalty).toBeLessThan(3e-4);
    expect(accuracy).toBeGreaterThan(0.95);
  });

  it('is not moved by the scale and offset of the features', async () => {
    const original = await linearProbe(train, test, { seed: 0, penalties: [0.1] });
    const scaled = await linearProbe(moved(train), moved(test), { seed: 0, penalties: [0.1] });
    const numDifferent = original.predictions.filter((label, index) => label !== scaled.predictions[index]).length;
    expect(numDifferent).toBeLessThanOrEqual(1);
  });

  it('gives the same result for the same seed', async () => {
    const first = await linearProbe(train, test, { seed: 1 });
    expect(await linearProbe(train, test, { seed: 1 })).toEqual(first);
  });

  it('draws another validation set for another seed', async () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const chosen = await Promise.all(seeds.map(async (seed) => (await linearProbe(train, test, { seed })).penalty));
    expect(new Set(chosen).size).toBeGreaterThan(1);
  });

  it('takes the largest penalty when there are too few samples to choose by', async () => {
    const few = sampleClusters(1, { ...shape, numSamples: 4, spread: 0.1 });
    expect((await linearProbe(few, few, { seed: 0, penalties: [0.1, 0.5] })).penalty).toBe(0.5);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await linearProbe(train, test, { seed: 0 });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(linearProbe(train, test, { seed: 0, signal })).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses penalties without a meaning', async () => {
    await expect(linearProbe(train, test, { seed: 0, penalties: [0.1, 0] })).rejects.toThrow(
      new InputError('linearProbe: penalties must be positive, got [0.1, 0]'),
    );
  });
});
