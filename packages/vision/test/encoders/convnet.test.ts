import { gatherVisible } from '@qb-heat/core';
import type { BlockVisibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { ConvNetEncoder } from '../../src/encoders/convnet.ts';
import type { ConvNetOptions } from '../../src/encoders/convnet.ts';
import { fullVisibility } from '../../src/masks.ts';
import { patchify } from '../../src/patches.ts';

const options: ConvNetOptions = { dim: 8, depths: [1, 1, 1], kernelSize: 3, stochasticDepthRate: 0 };
const grid = { height: 4, width: 4 };

function createEncoder(patchSize = 4, sizes: Partial<ConvNetOptions> = {}): ConvNetEncoder {
  return new ConvNetEncoder({ ...options, ...sizes }, { grid, patchSize, numChannels: 1, random: createRandom(1) });
}

function centre(batchSize = 1): BlockVisibility {
  return { kind: 'block', grid, batchSize, blocks: [{ top: 1, left: 1, height: 2, width: 2 }] };
}

test('pixels outside the block change nothing', async () => {
  const encoder = createEncoder();
  const image = tf.randomNormal<tf.Rank.R4>([1, 16, 16, 1], 0, 1, 'float32', 3);
  const inside = tf.pad(tf.ones([1, 8, 8, 1]), [
    [0, 0],
    [4, 4],
    [4, 4],
    [0, 0],
  ]);
  const other = tf.where(inside.cast('bool'), image, tf.randomNormal([1, 16, 16, 1], 5, 1, 'float32', 4));
  const encode = (x: tf.Tensor) => encoder.encode(gatherVisible(patchify(x as tf.Tensor4D, 4), centre()), centre());
  expect(await encode(other).data()).toEqual(await encode(image).data());
});

test('a block is encoded as if it were an image of its own', async () => {
  const encoder = createEncoder();
  const image = tf.randomNormal<tf.Rank.R4>([1, 16, 16, 1], 0, 1, 'float32', 3);
  const asBlock = encoder.encode(gatherVisible(patchify(image, 4), centre()), centre());
  const alone = image.slice([0, 4, 4, 0], [1, 8, 8, 1]);
  const asImage = encoder.encode(patchify(alone, 4), fullVisibility({ height: 2, width: 2 }, 1));
  const expected = await asImage.data();
  (await asBlock.data()).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
});

test('neighbouring patches of the block do see each other', async () => {
  const encoder = createEncoder();
  const patches = tf.randomNormal<tf.Rank.R3>([1, 4, 16], 0, 1, 'float32', 3);
  const changed = tf.add<tf.Tensor3D>(patches, tf.tensor3d([0, 0, 0, 1], [1, 4, 1]));
  const before = await encoder.encode(patches, centre()).data();
  const after = await encoder.encode(changed, centre()).data();
  const firstPatch = after.subarray(0, 8).map((value, i) => Math.abs(value - before[i]!));
  expect(Math.max(...firstPatch)).toBeGreaterThan(1e-5);
});

test.each([
  [16, [4, 2, 2]],
  [4, [3, 2, 2]],
  [2, [3, 2]],
  [7, [7]],
])('patches of %i pixels are reduced by convolutions of %j', (patchSize, kernels) => {
  const encoder = createEncoder(patchSize);
  const entries = [...encoder.parameters].filter(([path]) => path.endsWith('entry.weight'));
  expect(entries.map(([, weight]) => weight.shape[0])).toEqual(kernels);
  const patches = tf.zeros<tf.Rank.R3>([2, 4, patchSize * patchSize]);
  expect(encoder.encode(patches, centre(2)).shape).toEqual([2, 4, 8]);
});

test('operations are counted as two for each multiplication and addition', () => {
  const encoder = createEncoder(2, { dim: 4 });
  // Per patch. Stage of 2 channels at 2×2 cells: entry 3·3·1·2 = 18, block 3·3·2 + 8·2² = 50; four cells: 272.
  // Stage of 4 channels at 1 cell: entry 2·2·2·4 = 32, block 3·3·4 + 8·4² = 164: 196.
  expect(encoder.countFlops({ height: 2, width: 2 })).toBe(2 * 4 * (272 + 196));
});

test('scattered patches are refused', () => {
  const scattered = { kind: 'scattered', grid, batchSize: 1, numVisible: 1, indices: Int32Array.of(3) } as const;
  expect(() => createEncoder().encode(tf.zeros([1, 1, 16]), scattered)).toThrow(
    'convnet: a convolutional encoder needs a visible block, got scattered patches',
  );
});

test('channels that cannot be halved as often as there are stages are refused', () => {
  expect(() => createEncoder(4, { dim: 6 })).toThrow('encoder.dim must be a multiple of 4 for a convnet, got 6');
});

test('disposing frees every tensor', () => {
  const before = tf.memory().numTensors;
  createEncoder().dispose();
  expect(tf.memory().numTensors).toBe(before);
});
