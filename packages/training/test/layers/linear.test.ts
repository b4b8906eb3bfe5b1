import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom, Linear } from '../../src/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('Linear', () => {
  it('starts within ±√(6 / (inputDim + outputDim)), spread over that range, with a bias of 0', async () => {
    const layer = new Linear({ inputDim: 40, outputDim: 20, random: createRandom(1) });
    const weights = [...(await layer.weight.data())];
    const limit = Math.sqrt(6 / 60);
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(limit);
    // A uniform distribution's mean square is limit² / 3; 800 draws come within a tenth of it.
    const meanSquare = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
    expect(Math.abs(meanSquare / (limit ** 2 / 3) - 1)).toBeLessThan(0.1);
    expect([...(await layer.bias!.data())].every((b) => b === 0)).toBe(true);
    layer.dispose();
  });

  it('can start from a truncated normal of deviation 0.02, or from 0', async () => {
    const normal = new Linear({
      inputDim: 40,
      outputDim: 20,
      random: createRandom(1),
      initialization: 'truncated-normal',
    });
    const weights = [...(await normal.weight.data())];
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(0.04);
    // Cut at two deviations, a normal has 0.774 of its variance left.
    const meanSquare = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
    expect(Math.abs(meanSquare / (0.774 * 0.02 ** 2) - 1)).toBeLessThan(0.15);
    const zero = new Linear({ inputDim: 2, outputDim: 2, random: createRandom(1), initialization: 'zero' });
    expect([...(await zero.weight.data())]).toEqual([0, 0, 0, 0]);
  });

  it('has no bias where none is asked for', () => {
    const layer = new Linear({ inputDim: 2, outputDim: 3, random: createRandom(1), useBias: false });
    expect([...layer.parameters.keys()]).toEqual(['weight']);
    expect(layer.apply(tf.ones([1, 2])).shape).toEqual([1, 3]);
  });
});
