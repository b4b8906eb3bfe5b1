import { gatherVisible } from '@qb-heat/core';
import type { BlockVisibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createEncoder } from '../../src/encoders/create-encoder.ts';
import { MobileFormerEncoder, mobileFormerPresets } from '../../src/encoders/mobile-former.ts';
import type { MobileFormerOptions } from '../../src/encoders/mobile-former.ts';
import { fullVisibility } from '../../src/masks.ts';
import { patchify } from '../../src/patches.ts';

const options: MobileFormerOptions = {
  dim: 8,
  depths: [0, 1, 1],
  numTokens: 2,
  tokenDim: 6,
  numHeads: 2,
  kernelSize: 3,
  expansion: 2,
  stochasticDepthRate: 0,
};
const grid = { height: 4, width: 4 };

function makeEncoder(sizes: Partial<MobileFormerOptions> = {}, patchSize = 4): MobileFormerEncoder {
  const context = { grid, patchSize, numChannels: 1, random: createRandom(1) };
  return new MobileFormerEncoder({ ...options, ...sizes }, context);
}

function centre(batchSize = 1): BlockVisibility {
  return { kind: 'block', grid, batchSize, blocks: [{ top: 1, left: 1, height: 2, width: 2 }] };
}

async function largestChange(before: tf.Tensor, after: tf.Tensor): Promise<number> {
  return (await tf.sub(after, before).abs().max().data())[0]!;
}

test('a block is encoded as if it were an image of its own, each image of a batch on its own', async () => {
  const encoder = makeEncoder();
  const images = tf.randomNormal<tf.Rank.R4>([2, 16, 16, 1], 0, 1, 'float32', 3);
  const asBlock = encoder.encode(gatherVisible(patchify(images, 4), centre(2)), centre(2));
  const alone = images.slice([1, 4, 4, 0], [1, 8, 8, 1]);
  const asImage = encoder.encode(patchify(alone, 4), fullVisibility({ height: 2, width: 2 }, 1));
  expect(await largestChange(asImage, asBlock.slice([1, 0, 0], [1, 4, 8]))).toBeLessThan(1e-5);
});

test('through the tokens a feature knows of patches that no convolution reaches', async () => {
  // Two blocks of windows 3 at cells of half a patch and of a whole one reach 1.5 patches; patch 0 and 3 are 3 apart.
  const row: BlockVisibility = {
    kind: 'block',
    grid,
    batchSize: 1,
    blocks: [{ top: 0, left: 0, height: 1, width: 4 }],
  };
  const encoder = makeEncoder();
  const patches = tf.randomNormal<tf.Rank.R3>([1, 4, 16], 0, 1, 'float32', 3);
  const noise = tf.randomNormal([1, 4, 16], 0, 1, 'float32', 5);
  const changed = tf.add<tf.Tensor3D>(patches, tf.mul(noise, tf.tensor3d([0, 0, 0, 1], [1, 4, 1])));
  const first = (x: tf.Tensor3D) => encoder.encode(x, row).slice([0, 0, 0], [1, 1, 8]);
  expect(await largestChange(first(patches), first(changed))).toBeGreaterThan(1e-5);
  // With the bridge from the tokens cut, the convolutions are on their own.
  for (const [path, variable] of encoder.parameters) {
    if (path.includes('spreadValue')) variable.assign(tf.zerosLike(variable));
  }
  expect(await largestChange(first(patches), first(changed))).toBe(0);
});

test('every parameter is reached by the gradient', () => {
  const encoder = makeEncoder();
  const patches = tf.randomNormal<tf.Rank.R3>([2, 4, 16], 0, 1, 'float32', 3);
  const weights = tf.randomNormal([2, 4, 8], 0, 1, 'float32', 4);
  const { grads } = tf.variableGrads(
    () => encoder.encode(patches, centre(2)).mul(weights).sum(),
    [...encoder.parameters.values()],
  );
  const unreached = [...encoder.parameters].filter(([path, variable]) => {
    const gradient = grads[variable.name];
    // Keys' biases add the same to every score of a row, which softmax takes out again.
    return !/key.bias/i.test(path) && (gradient === undefined || gradient.abs().max().dataSync()[0] === 0);
  });
  expect(unreached.map(([path]) => path)).toEqual([]);
});

test('operations are counted as two for each multiplication and addition', () => {
  // Patches of 2 pixels, a block of 2×2 patches; stages of 4 channels at 16 cells and of 8 at 4. Two tokens of 6.
  const encoder = makeEncoder({}, 2);
  // Entries: 16·3·3·1·4 = 576 and 4·2·2·4·8 = 512.
  // Former, each time: 2·(4·36 + 2·2·36 + 2·2·6) = 624.
  // Block of 4 channels, 8 within: both bridges 2·2·2·(6·4 + 16·4) = 704, bottleneck 16·(2·4·8 + 9·8) = 2176.
  // Block of 8 channels, 16 within: bridges 2·2·2·(6·8 + 4·8) = 640, bottleneck 4·(2·8·16 + 9·16) = 1600.
  expect(encoder.countFlops({ height: 2, width: 2 })).toBe(2 * (576 + 624 + 704 + 2176 + 512 + 624 + 640 + 1600));
});

test('every preset builds, and they grow', () => {
  const sizes = (Object.keys(mobileFormerPresets) as (keyof typeof mobileFormerPresets)[]).slice(0, 5).map((preset) => {
    const encoder = createEncoder(
      { kind: 'mobile-former', preset, kernelSize: 3, expansion: 4, stochasticDepthRate: 0 },
      { grid, patchSize: 4, numChannels: 3, random: createRandom(0) },
    );
    const numParameters = [...encoder.parameters.values()].reduce((sum, variable) => sum + variable.size, 0);
    encoder.dispose();
    return numParameters;
  });
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes[0]).toBeLessThan(250_000);
});

test('scattered patches, and heads that do not divide, are refused', () => {
  const scattered = { kind: 'scattered', grid, batchSize: 1, numVisible: 1, indices: Int32Array.of(3) } as const;
  expect(() => makeEncoder().encode(tf.zeros([1, 1, 16]), scattered)).toThrow(
    'mobile-former: a convolutional encoder needs a visible block, got scattered patches',
  );
  expect(() => makeEncoder({ numHeads: 4, tokenDim: 8, dim: 20 })).toThrow(
    'encoder.numHeads must divide tokenDim and the channels of each stage (8, 10, 20), got 4 for 10',
  );
});

test('disposing frees every tensor', () => {
  const before = tf.memory().numTensors;
  makeEncoder({ stochasticDepthRate: 0.1 }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
