import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { rotaryAngles } from '../../src/index.ts';
import { rotate } from '../../src/layers/rotary.ts';
import { expectClose } from './support.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('rotate', () => {
  it('turns channels i and i + headDim / 2 by position · base^(−2i / headDim)', async () => {
    // One head of four channels at position 2, base 16: the pairs turn by 2 and by 2 · 16^(−1/2) = ½.
    const angles = rotaryAngles(tf.tensor2d([[2]]), 4, 16);
    const turned = rotate(tf.tensor3d([[[1, 3, 10, 5]]]), angles);
    const [c, s, c2, s2] = [Math.cos(2), Math.sin(2), Math.cos(0.5), Math.sin(0.5)];
    await expectClose(turned, [c - 10 * s, 3 * c2 - 5 * s2, 10 * c + s, 5 * c2 + 3 * s2]);
  });

  it('turns every head alike', async () => {
    const angles = rotaryAngles(tf.tensor2d([[1, 3]]), 2);
    const turned = await rotate(
      tf.tensor3d([
        [
          [1, 2, 1, 2],
          [3, 4, 3, 4],
        ],
      ]),
      angles,
    ).data();
    expect([turned[0], turned[1], turned[4], turned[5]]).toEqual([turned[2], turned[3], turned[6], turned[7]]);
  });

  it('needs an even number of channels in a head', () => {
    expect(() => rotaryAngles(tf.tensor2d([[0]]), 3)).toThrow('rotaryAngles: headDim must be even, got 3');
  });
});
