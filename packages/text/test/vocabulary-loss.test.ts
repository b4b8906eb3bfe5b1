import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { TokenSampler } from '../src/token-sampler.ts';
import { sampledCrossEntropy, scoreLabels, tiedCrossEntropy } from '../src/vocabulary-loss.ts';

const [numRows, vocab, dim] = [7, 11, 3];
const random = createRandom(1);
const output = {
  rows: tf.tensor2d(random.normals(numRows * dim), [numRows, dim]),
  table: tf.tensor2d(random.normals(vocab * dim), [vocab, dim]),
  bias: tf.tensor1d(random.normals(vocab)),
};
const labels = Int32Array.of(3, 0, 10, 3, 7, 1, 3);
const weights = Float32Array.of(1, 0, 2, 1, 1, 0.5, 1);
const targets = { labels: tf.tensor1d(labels, 'int32'), weights: tf.tensor1d(weights) };
const names = ['rows', 'table', 'bias'] as const;

/** The definition in float64. */
function reference(): number {
  const [rows, table, bias] = names.map((name) => Array.from(output[name].dataSync()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let loss = 0;
  for (let row = 0; row < numRows; row++) {
    const logits = Array.from({ length: vocab }, (_, token) => {
      let logit = bias![token]!;
      for (let channel = 0; channel < dim; channel++)
        logit += rows![row * dim + channel]! * table![token * dim + channel]!;
      return logit;
    });
    const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    loss += (weights[row]! / total) * (Math.log(sum) - logits[labels[row]!]!);
  }
  return loss;
}

type Loss = (rows: tf.Tensor2D, table: tf.Tensor2D, bias: tf.Tensor1D) => tf.Scalar;
const chunked =
  (maxLogits: number): Loss =>
  (rows, table, bias) =>
    tiedCrossEntropy({ rows, table, bias }, targets, maxLogits);
const lossOf = (loss: Loss): number => tf.tidy(() => loss(output.rows, output.table, output.bias).dataSync()[0]!);
const gradientsOf = (loss: Loss): number[][] =>
  tf.tidy(() =>
    tf
      .grads((rows, table, bias) => loss(rows as tf.Tensor2D, table as tf.Tensor2D, bias as tf.Tensor1D))([
        output.rows,
        output.table,
        output.bias,
      ])
      .map((gradient) => Array.from(gradient.dataSync())),
  );

const peakOf = async (compute: () => tf.TensorContainer): Promise<number> => {
  const before = tf.memory().numBytes;
  const { kernels } = await tf.profile(() => tf.dispose(tf.tidy(compute)));
  return Math.max(...kernels.map(({ totalBytesSnapshot }) => totalBytesSnapshot)) - before;
};

describe('tiedCrossEntropy', () => {
  it.each([1000, 33, 22, 1])('is the mean cross-entropy with at most %d logits at a time', (maxLogits) => {
    expect(lossOf(chunked(maxLogits))).toBeCloseTo(reference(), 5);
  });

  it('has the gradients of the loss in one piece when taken in chunks', () => {
    const [whole, pieces] = [gradientsOf(chunked(1000)), gradientsOf(chunked(33))];
    whole.forEach((gradient, input) =>
      gradient.forEach((value, index) => expect(pieces[input]![index]).toBeCloseTo(value, 5)),
    );
  });

  it('scales its gradients with that of the loss', () => {
    const [once, thrice] = [chunked(33), (...args: Parameters<Loss>) => tf.mul<tf.Scalar>(chunked(33)(...args), 3)].map(
      (loss) => gradientsOf(loss),
    );
    once!.flat().forEach((value, index) => expect(thrice!.flat()[index]).toBeCloseTo(3 * value, 4));
  });

  it('never holds more logits than it may, forward or backward', async () => {
    // 64 rows of 500 logits, four rows at a time: all logits would be 128,000 bytes.
    const [many, numTokens, maxLogits] = [64, 500, 2000];
    const inputs = [
      tf.zeros<tf.Rank.R2>([many, dim]),
      tf.zeros<tf.Rank.R2>([numTokens, dim]),
      tf.zeros<tf.Rank.R1>([numTokens]),
    ] as const;
    const some = { labels: tf.zeros<tf.Rank.R1>([many], 'int32'), weights: tf.ones<tf.Rank.R1>([many]) };
    const loss = (rows: tf.Tensor, table: tf.Tensor, bias: tf.Tensor) =>
      tiedCrossEntropy(
        { rows: rows as tf.Tensor2D, table: table as tf.Tensor2D, bias: bias as tf.Tensor1D },
        some,
        maxLogits,
      );
    const bytesOfChunk = 4 * maxLogits;
    // Of a chunk the logits and what becomes of them; backward also gradients of the table, of 6,000 bytes each.
    expect(await peakOf(() => loss(...inputs))).toBeLessThan(4 * bytesOfChunk);
    expect(await peakOf(() => tf.grads(loss)([...inputs]))).toBeLessThan(10 * bytesOfChunk);
    tf.dispose([inputs as unknown as tf.Tensor[], some]);
  });

  it('is 0 with a gradient of 0 when nothing is asked for', () => {
    const nothing = { ...targets, weights: tf.zeros<tf.Rank.R1>([numRows]) };
    const loss: Loss = (rows, table, bias) => tiedCrossEntropy({ rows, table, bias }, nothing, 33);
    expect(lossOf(loss)).toBe(0);
    expect(
      gradientsOf(loss)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
    nothing.weights.dispose();
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    for (const maxLogits of [1000, 33]) chunked(maxLogits)(output.rows, output.table, output.bias).dispose();
    expect(tf.memory().numTensors).toBe(before + 0);
    gradientsOf(chunked(33));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('scoreLabels', () => {
  it.each([1000, 33, 1])('gives the loss and hit of each row with at most %d logits at a time', (maxLogits) => {
    const scores = scoreLabels(output, labels, maxLogits);
    const [losses, hits] = scores.arraySync() as [number[], number[]];
    const logits = tf.tidy(() =>
      tf.matMul(output.rows, output.table, false, true).add(output.bias).arraySync(),
    ) as number[][];
    logits.forEach((row, index) => {
      const sum = row.reduce((all, logit) => all + Math.exp(logit), 0);
      expect(losses[index]).toBeCloseTo(Math.log(sum) - row[labels[index]!]!, 5);
      expect(hits[index]).toBe(row.indexOf(Math.max(...row)) === labels[index] ? 1 : 0);
    });
    scores.dispose();
  });

  it('never holds more logits than it may, and leaves no other tensor behind', async () => {
    const many = { rows: tf.zeros<tf.Rank.R2>([64, dim]), table: output.table, bias: output.bias };
    const before = tf.memory();
    const { kernels } = await tf.profile(() => scoreLabels(many, new Int32Array(64), 4 * vocab).dispose());
    const peak = Math.max(...kernels.map(({ totalBytesSnapshot }) => totalBytesSnapshot)) - before.numBytes;
    // The logits of all rows are 64 · 11 numbers.
    expect(peak).toBeLessThan(4 * 64 * vocab);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    many.rows.dispose();
  });
});

describe('sampledCrossEntropy', () => {
  const frequencies = Float64Array.from({ length: vocab }, (_, token) => (token + 1) / 66);
  const sampled =
    (numSampled: number, step: number): Loss =>
    (rows, table, bias) => {
      const draws = new TokenSampler(frequencies, numSampled, createRandom(2)).draw(labels, step);
      return sampledCrossEntropy({ rows, table, bias }, targets, draws);
    };

  it('is the cross-entropy of the right token among the drawn ones, each lowered by its rate', () => {
    // Two draws, of which token 3 is the right one of some rows.
    const draws = {
      tokens: Int32Array.of(3, 5),
      logRates: Float32Array.of(0.5, -0.25),
      logRatesOfLabels: Float32Array.from(labels, (label) => (label === 3 ? 0.5 : -1)),
    };
    const logits = tf.tidy(() =>
      tf.matMul(output.rows, output.table, false, true).add(output.bias).arraySync(),
    ) as number[][];
    let expected = 0;
    labels.forEach((label, row) => {
      const right = logits[row]![label]! - draws.logRatesOfLabels[row]!;
      const wrong = [...(label === 3 ? [] : [logits[row]![3]! - 0.5]), logits[row]![5]! + 0.25];
      const sum = [right, ...wrong].reduce((all, logit) => all + Math.exp(logit), 0);
      expected += (weights[row]! / 6.5) * (Math.log(sum) - right);
    });
    const loss: Loss = (rows, table, bias) => sampledCrossEntropy({ rows, table, bias }, targets, draws);
    expect(lossOf(loss)).toBeCloseTo(expected, 5);
  });

  it('has nearly the gradients of the whole vocabulary when many tokens are drawn', () => {
    const full = gradientsOf(chunked(1000)).flat();
    const estimate = gradientsOf(sampled(20_000, 0)).flat();
    full.forEach((value, index) => expect(Math.abs(estimate[index]! - value)).toBeLessThan(0.02));
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    gradientsOf(sampled(5, 0));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('TokenSampler', () => {
  it('draws each token as often as its share says, and knows the rate', () => {
    const frequencies = Float64Array.of(0.5, 0.3, 0.2);
    const { tokens, logRates, logRatesOfLabels } = new TokenSampler(frequencies, 30_000, createRandom(1)).draw(
      Int32Array.of(2, 0),
      4,
    );
    for (const token of [0, 1, 2]) {
      expect(tokens.filter((drawn) => drawn === token).length / 30_000).toBeCloseTo(frequencies[token]!, 2);
    }
    expect(Math.exp(logRatesOfLabels[0]!)).toBeCloseTo(6000, 1);
    expect(logRates[0]).toBeCloseTo(Math.log(30_000 * frequencies[tokens[0]!]!), 5);
  });

  it('draws alike in the same step and otherwise in another', () => {
    const sampler = new TokenSampler(Float64Array.of(0.5, 0.5), 64, createRandom(1));
    const none = new Int32Array(0);
    expect(sampler.draw(none, 3).tokens).toEqual(sampler.draw(none, 3).tokens);
    expect(sampler.draw(none, 3).tokens).not.toEqual(sampler.draw(none, 4).tokens);
  });
});
