import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { linearProbe } from '../../src/probes/linear.ts';
import type { LabelledFeatures } from '../../src/probes/labelled-features.ts';
import { tran1Probe } from '../../src/probes/tran1.ts';
import { createRandom } from '../../src/random.ts';

const [numPositions, dim] = [2, 8];

/**
 * Maps of two positions. One position carries a large number, of either sign, in samples of class 1, and a small one in
 * those of class 0: no linear classifier can tell, since both classes have the same mean.
 */
function createMaps(seed: number, numSamples: number): LabelledFeatures & { features: Float32Array } {
  const random = createRandom(seed);
  const features = random.normals(numSamples * numPositions * dim, 0.1);
  const labels = new Int32Array(numSamples).map((_, sample) => {
    const label = random.integer(2);
    const sign = 2 * random.integer(2) - 1;
    features[(sample * numPositions + random.integer(numPositions)) * dim] = sign * (label === 1 ? 2 : 0.5);
    return label;
  });
  return { features, labels, numClasses: 2 };
}

const [train, test] = [createMaps(1, 512), createMaps(2, 128)];
const options = { numPositions, seed: 0, batchSize: 32, numEpochs: 10, learningRate: 1e-2 };

describe('tran1Probe', () => {
  it('learns what a linear probe cannot', async () => {
    expect((await linearProbe(train, test, { seed: 0 })).accuracy).toBeLessThan(0.65);
    expect((await tran1Probe(train, test, options)).accuracy).toBeGreaterThan(0.85);
  });

  it('gives the same result for the same seed and another for another, and leaves no tensor behind', async () => {
    const brief = { ...options, numEpochs: 1 };
    const before = tf.memory().numTensors;
    const first = await tran1Probe(train, test, brief);
    expect(await tran1Probe(train, test, brief)).toEqual(first);
    expect((await tran1Probe(train, test, { ...brief, seed: 1 })).predictions).not.toEqual(first.predictions);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('ends with the reason of its signal, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(tran1Probe(train, test, { ...options, signal })).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses features that are not those of so many positions', async () => {
    await expect(tran1Probe(train, test, { ...options, numPositions: 5 })).rejects.toThrow(
      new InputError('tran1Probe: 16 features per sample cannot be those of numPositions = 5 positions'),
    );
  });
});
