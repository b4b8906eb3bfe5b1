import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamw, sumOfSquares } from '../../src/fused/index.ts';
import type { AdamWState } from '../../src/fused/index.ts';
import { backends, expectClose, uniformNumbers, useBackend } from './check-operation.ts';

describe.each(backends)('adamw on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('follows the algorithm in float64 over several steps, for parameters of several shapes', async () => {
    const [beta1, beta2, epsilon, rate, weightDecay, scale] = [0.9, 0.95, 1e-8, 0.01, 0.1, 0.5];
    const shapes = [[3, 4], [5], [1, 1, 3]];
    const toTensors = (flat: Float64Array) => {
      let start = 0;
      return shapes.map((shape) => {
        const size = tf.util.sizeFromShape(shape);
        return tf.tensor(Float32Array.from(flat.slice(start, (start += size))), shape);
      });
    };
    const p = uniformNumbers(20, 1);
    const [m, v] = [new Float64Array(20), new Float64Array(20)];
    let current: AdamWState = {
      parameters: toTensors(p),
      firstMoment: tf.zeros<tf.Rank.R1>([20]),
      secondMoment: tf.zeros<tf.Rank.R1>([20]),
    };
    for (let t = 1; t <= 4; t++) {
      const g = uniformNumbers(20, 10 + t);
      current = adamw(
        current,
        toTensors(g),
        { beta1, beta2, epsilon },
        {
          stepSize: tf.scalar(rate / (1 - beta1 ** t)),
          secondCorrection: tf.scalar(Math.sqrt(1 - beta2 ** t)),
          decay: tf.scalar(1 - rate * weightDecay),
          gradientScale: tf.scalar(scale),
        },
      );
      for (let i = 0; i < 20; i++) {
        m[i] = beta1 * m[i]! + (1 - beta1) * scale * g[i]!;
        v[i] = beta2 * v[i]! + (1 - beta2) * (scale * g[i]!) ** 2;
        const [firstMean, secondMean] = [m[i]! / (1 - beta1 ** t), v[i]! / (1 - beta2 ** t)];
        p[i] = p[i]! - rate * weightDecay * p[i]! - (rate * firstMean) / (Math.sqrt(secondMean) + epsilon);
      }
    }
    expect(current.parameters.map(({ shape }) => shape)).toEqual(shapes);
    await expectClose(tf.concat1d(current.parameters.map((parameter) => parameter.flatten())), p, 1e-5);
    await expectClose(current.firstMoment, m, 1e-5);
    await expectClose(current.secondMoment, v, 1e-5);
  });

  it('moves by the learning rate against the sign of the gradient at first', async () => {
    // m' / (1 − β₁) = g and √(v' / (1 − β₂)) = |g|, whatever the size of g
    const zero = tf.zeros<tf.Rank.R1>([2]);
    const { parameters } = adamw(
      { parameters: [zero], firstMoment: zero, secondMoment: zero },
      [tf.tensor1d([1e-3, -50])],
      { beta1: 0.9, beta2: 0.99, epsilon: 0 },
      {
        stepSize: tf.scalar(0.5 / 0.1),
        secondCorrection: tf.scalar(Math.sqrt(0.01)),
        decay: tf.scalar(1),
        gradientScale: tf.scalar(1),
      },
    );
    await expectClose(parameters[0]!, [-0.5, 0.5], 1e-5);
  });

  it('leaves no tensor but its results', () => {
    const [a, s] = [tf.ones<tf.Rank.R1>([3]), tf.scalar(1)];
    const numBefore = tf.memory().numTensors;
    const { parameters, firstMoment, secondMoment } = adamw(
      { parameters: [a], firstMoment: a, secondMoment: a },
      [a],
      { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
      { stepSize: s, secondCorrection: s, decay: s, gradientScale: s },
    );
    expect(tf.memory().numTensors).toBe(numBefore + 3);
    tf.dispose([a, s, ...parameters, firstMoment, secondMoment]);
  });

  it('wants a gradient for each parameter', () => {
    const [a, s] = [tf.ones<tf.Rank.R1>([3]), tf.scalar(1)];
    const rates = { stepSize: s, secondCorrection: s, decay: s, gradientScale: s };
    const state = { parameters: [a], firstMoment: a, secondMoment: a };
    expect(() => adamw(state, [], { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 }, rates)).toThrow(
      'adamw: there must be a gradient for each of 1 parameters, got 0',
    );
  });
});

describe.each(backends)('sumOfSquares on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('adds up over all elements of all tensors: 1 + 4 + 9 + 16 + 25', async () => {
    await expectClose(
      sumOfSquares([
        tf.tensor2d([
          [1, 2],
          [-3, 4],
        ]),
        tf.scalar(5),
      ]),
      [55],
      1e-6,
    );
    await expectClose(sumOfSquares([tf.tensor1d([3, 4])]), [25], 1e-6);
  });
});
