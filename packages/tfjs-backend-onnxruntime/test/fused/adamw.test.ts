import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamw } from '../../src/fused/index.ts';
import { backends, expectClose, uniformNumbers, useBackend } from './check-operation.ts';

describe.each(backends)('adamw on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('follows the algorithm in float64 over several steps', async () => {
    const [beta1, beta2, epsilon, rate, weightDecay] = [0.9, 0.95, 1e-8, 0.01, 0.1];
    const p = uniformNumbers(20, 1);
    const [m, v] = [new Float64Array(20), new Float64Array(20)];
    let current = {
      parameters: tf.tensor1d(Float32Array.from(p)),
      firstMoment: tf.zeros<tf.Rank.R1>([20]),
      secondMoment: tf.zeros<tf.Rank.R1>([20]),
    };
    for (let t = 1; t <= 4; t++) {
      const g = uniformNumbers(20, 10 + t);
      current = adamw(
        current,
        tf.tensor1d(Float32Array.from(g)),
        { beta1, beta2, epsilon },
        {
          stepSize: tf.scalar(rate / (1 - beta1 ** t)),
          secondCorrection: tf.scalar(Math.sqrt(1 - beta2 ** t)),
          decay: tf.scalar(1 - rate * weightDecay),
        },
      );
      for (let i = 0; i < 20; i++) {
        m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
        v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
        const [firstMean, secondMean] = [m[i]! / (1 - beta1 ** t), v[i]! / (1 - beta2 ** t)];
        p[i] = p[i]! - rate * weightDecay * p[i]! - (rate * firstMean) / (Math.sqrt(secondMean) + epsilon);
      }
    }
    await expectClose(current.parameters, p, 1e-5);
    await expectClose(current.firstMoment, m, 1e-5);
    await expectClose(current.secondMoment, v, 1e-5);
  });

  it('moves by the learning rate against the sign of the gradient at first', async () => {
    // m' / (1 − β₁) = g and √(v' / (1 − β₂)) = |g|, whatever the size of g
    const zero = tf.zeros<tf.Rank.R1>([2]);
    const { parameters } = adamw(
      { parameters: zero, firstMoment: zero, secondMoment: zero },
      tf.tensor1d([1e-3, -50]),
      { beta1: 0.9, beta2: 0.99, epsilon: 0 },
      { stepSize: tf.scalar(0.5 / 0.1), secondCorrection: tf.scalar(Math.sqrt(0.01)), decay: tf.scalar(1) },
    );
    await expectClose(parameters, [-0.5, 0.5], 1e-5);
  });

  it('leaves no tensor but its results', () => {
    const [a, g, s] = [tf.ones<tf.Rank.R1>([3]), tf.ones<tf.Rank.R1>([3]), tf.scalar(1)];
    const numBefore = tf.memory().numTensors;
    const result = adamw(
      { parameters: a, firstMoment: a, secondMoment: a },
      g,
      { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
      { stepSize: s, secondCorrection: s, decay: s },
    );
    expect(tf.memory().numTensors).toBe(numBefore + 3);
    tf.dispose([a, g, s, ...Object.values(result)]);
  });
});
