import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { fitSoftmaxRegression, meanCrossEntropy, predictClasses } from '../../src/probes/softmax-regression.ts';
import type { Samples } from '../../src/probes/softmax-regression.ts';
import { rowsOf, sampleClusters } from './samples.ts';

const shape = { numSamples: 60, dim: 4, numClasses: 3, spread: 1.5 };
const set = sampleClusters(1, shape);

function createSamples(from = 0, to = shape.numSamples): Samples {
  const x = tf.tensor2d(set.features.slice(from * shape.dim, to * shape.dim), [to - from, shape.dim]);
  const target = tf.tidy(() => tf.oneHot(tf.tensor1d(set.labels.slice(from, to), 'int32'), 3).toFloat() as tf.Tensor2D);
  return { x, target };
}

function dispose(...parts: Samples[]): void {
  for (const { x, target } of parts) tf.dispose([x, target]);
}

/** The gradient of mean cross-entropy + λ/2 ‖weight‖², written out in float64. */
function gradientAt(coefficients: Float64Array, penalty: number): number[] {
  const { dim, numClasses } = shape;
  const gradient = Array.from(coefficients, (weight, index) => (index < dim * numClasses ? penalty * weight : 0));
  for (const [sample, row] of rowsOf(set).entries()) {
    const inputs = [...row, 1];
    const scores = Array.from({ length: numClasses }, (_, label) =>
      inputs.reduce((sum, x, feature) => sum + x * (coefficients[feature * numClasses + label] as number), 0),
    );
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (const [label, score] of scores.entries()) {
      const error = Math.exp(score) / total - (set.labels[sample] === label ? 1 : 0);
      for (const [feature, x] of inputs.entries()) {
        const index = feature * numClasses + label;
        gradient[index] = (gradient[index] as number) + (error * x) / shape.numSamples;
      }
    }
  }
  return gradient;
}

describe('meanCrossEntropy', () => {
  it('is −log p of the class, the mean over the samples', async () => {
    // Scores (0, 1) and (2, 1): −log σ(−1) and −log σ(1), since the classes are the first one of both.
    const samples: Samples = { x: tf.tensor2d([[0], [2]]), target: tf.tensor2d([1, 0, 1, 0], [2, 2]) };
    const model = { coefficients: Float64Array.of(1, 0, 0, 1), numClasses: 2 };
    const before = tf.memory().numTensors;
    const expected = (Math.log(1 + Math.E) + Math.log(1 + 1 / Math.E)) / 2;
    expect(await meanCrossEntropy(samples, model)).toBeCloseTo(expected, 5);
    expect(tf.memory().numTensors).toBe(before);
    dispose(samples);
  });
});

describe('fitSoftmaxRegression', () => {
  it.each([1, 0.1, 0.001])('ends where the gradient of its objective vanishes, penalty %d', async (penalty) => {
    const samples = createSamples();
    const { coefficients } = await fitSoftmaxRegression([samples], { penalty });
    // What float32 leaves of the tolerance, 1e-4, differs by backend.
    for (const component of gradientAt(coefficients, penalty)) expect(Math.abs(component)).toBeLessThan(5e-4);
    expect(Math.max(...coefficients.map(Math.abs))).toBeGreaterThan(0.01);
    dispose(samples);
  });

  it('gives the same for samples in parts of unequal size', async () => {
    const [whole, some, rest] = [createSamples(), createSamples(0, 17), createSamples(17)];
    const expected = await fitSoftmaxRegression([whole], { penalty: 0.1 });
    const { coefficients } = await fitSoftmaxRegression([some, rest], { penalty: 0.1 });
    for (const [index, value] of coefficients.entries()) {
      expect(value).toBeCloseTo(expected.coefficients[index] as number, 3);
    }
    dispose(whole, some, rest);
  });

  it('comes to the same optimum from elsewhere', async () => {
    const samples = createSamples();
    const expected = await fitSoftmaxRegression([samples], { penalty: 0.1 });
    const start = await fitSoftmaxRegression([samples], { penalty: 1e-4 });
    const { coefficients } = await fitSoftmaxRegression([samples], { penalty: 0.1, start });
    for (const [index, value] of coefficients.entries()) {
      expect(value).toBeCloseTo(expected.coefficients[index] as number, 2);
    }
    dispose(samples);
  });

  it('leaves no tensor behind, and ends with the reason of its signal', async () => {
    const before = tf.memory().numTensors;
    const samples = createSamples();
    await predictClasses(samples.x, await fitSoftmaxRegression([samples], { penalty: 1 }));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fitSoftmaxRegression([samples], { penalty: 1, signal })).rejects.toThrow('enough');
    dispose(samples);
    expect(tf.memory().numTensors).toBe(before);
  });
});
