import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { groupNorm } from '../../src/fused/index.ts';
import { backends, checkOperation, useBackend } from './check-operation.ts';

function reference(
  x: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  numPositions: number,
  numGroups: number,
): Float64Array {
  const channels = gamma.length;
  const perGroup = channels / numGroups;
  const y = new Float64Array(x.length);
  for (let sample = 0; sample < x.length; sample += numPositions * channels) {
    for (let group = 0; group < numGroups; group++) {
      const places: [at: number, channel: number][] = [];
      for (let position = 0; position < numPositions; position++) {
        for (let c = group * perGroup; c < (group + 1) * perGroup; c++) {
          places.push([sample + position * channels + c, c]);
        }
      }
      const mean = places.reduce((sum, [at]) => sum + x[at]!, 0) / places.length;
      const variance = places.reduce((sum, [at]) => sum + (x[at]! - mean) ** 2, 0) / places.length;
      for (const [at, c] of places) y[at] = ((x[at]! - mean) / Math.sqrt(variance + 1e-5)) * gamma[c]! + beta[c]!;
    }
  }
  return y;
}

describe.each(backends)('groupNorm on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each([1, 2, 4])('normalises %i groups of channels over all positions, with its gradients', async (numGroups) => {
    await checkOperation({
      shapes: [[2, 2, 3, 4], [4], [4]],
      apply: (x, gamma, beta) => groupNorm(x as tf.Tensor4D, gamma, beta, numGroups),
      reference: (x, gamma, beta) => reference(x, gamma, beta, 6, numGroups),
    });
  });

  it('names what it wanted and what it got', () => {
    expect(() => groupNorm(tf.zeros([1, 2, 2, 6]), tf.zeros([6]), tf.zeros([6]), 4)).toThrow(
      'groupNorm: numGroups must divide channels = 6, got 4',
    );
  });
});
