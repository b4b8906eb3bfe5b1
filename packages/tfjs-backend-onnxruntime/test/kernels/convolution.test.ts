import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import '../../src/index.ts';
import { expectSameOnBothBackends, noise } from './on-both-backends.ts';

beforeAll(() => {
  tf.env().set('IS_TEST', true);
});

/** Value, input gradient and filter gradient of a convolution, for an incoming gradient that isn't constant. */
function valueAndGradients(
  convolve: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor,
  x: tf.Tensor,
  filter: tf.Tensor,
): tf.Tensor[] {
  const { value, grads } = tf.valueAndGrads((a, b) => {
    const y = convolve(a as tf.Tensor4D, b as tf.Tensor4D);
    return y.mul(noise(y.shape, 3)).sum();
  })([x, filter]);
  return [convolve(x as tf.Tensor4D, filter as tf.Tensor4D), value, ...grads];
}

// Channel counts that fit the blocked layout, that are fewer than a block, and that don't fit.
const denseCases = [
  { channels: [8, 16], kernel: [3, 3], strides: 1, pad: 'same' },
  { channels: [16, 8], kernel: [3, 5], strides: 1, pad: 'valid' },
  { channels: [3, 16], kernel: [3, 3], strides: 1, pad: 'same' },
  { channels: [16, 16], kernel: [3, 3], strides: 2, pad: 'same' },
  { channels: [5, 7], kernel: [2, 3], strides: [2, 1], pad: 'same' },
  { channels: [6, 10], kernel: [1, 1], strides: 1, pad: 'valid' },
  { channels: [6, 10], kernel: [1, 1], strides: 2, pad: 'valid' },
  { channels: [3, 8], kernel: [2, 2], strides: 2, pad: 'valid' },
] as const;

describe('conv2d and its gradients', () => {
  it.each(denseCases)('agree with cpu for $channels channels, $kernel, strides $strides, $pad', async (options) => {
    const { channels, kernel, strides, pad } = options;
    await expectSameOnBothBackends(() =>
      valueAndGradients(
        (x, filter) => tf.conv2d(x, filter, strides as number, pad),
        noise([2, 6, 8, channels[0]], 1),
        noise([...kernel, ...channels], 2),
      ),
    );
  });

  it('agree with cpu for dilated filters, forward', async () => {
    await expectSameOnBothBackends(() => [
      tf.conv2d(
        noise([2, 7, 6, 8], 1) as tf.Tensor4D,
        noise([3, 3, 8, 8], 2) as tf.Tensor4D,
        1,
        'same',
        'NHWC',
        [2, 1],
      ),
    ]);
  });

  it('agree with cpu for any size, padding and stride', async () => {
    const property = fc.asyncProperty(
      fc.record({
        height: fc.integer({ min: 3, max: 7 }),
        width: fc.integer({ min: 3, max: 7 }),
        inChannels: fc.constantFrom(2, 8, 16),
        outChannels: fc.constantFrom(4, 8, 16),
        kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        strides: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
        pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
      }),
      async ({ height, width, inChannels, outChannels, kernel, strides, pad }) => {
        await expectSameOnBothBackends(() =>
          valueAndGradients(
            (x, filter) => tf.conv2d(x, filter, strides, pad),
            noise([2, height, width, inChannels], 1),
            noise([...kernel, inChannels, outChannels], 2),
          ),
        );
      },
    );
    await fc.assert(property, { numRuns: 40, seed: 1 });
  });
});

const depthwiseCases = [
  { channels: 8, multiplier: 1, kernel: 3, strides: 1, pad: 'same' },
  { channels: 16, multiplier: 1, kernel: 5, strides: 1, pad: 'valid' },
  { channels: 8, multiplier: 1, kernel: 3, strides: 2, pad: 'same' },
  { channels: 8, multiplier: 1, kernel: 3, strides: 2, pad: 'valid' },
  { channels: 3, multiplier: 2, kernel: 3, strides: 1, pad: 'same' },
  { channels: 5, multiplier: 1, kernel: 3, strides: 2, pad: 'same' },
] as const;

describe('depthwiseConv2d and its gradients', () => {
  it.each(depthwiseCases)(
    'agree with cpu for $channels x $multiplier channels, kernel $kernel, strides $strides, $pad',
    async ({ channels, multiplier, kernel, strides, pad }) => {
      await expectSameOnBothBackends(() =>
        valueAndGradients(
          (x, filter) => tf.depthwiseConv2d(x, filter, strides, pad),
          noise([3, 6, 7, channels], 1),
          noise([kernel, kernel, channels, multiplier], 2),
        ),
      );
    },
  );
});

it('depthwiseConv2d agrees with cpu for dilated filters', async () => {
  await expectSameOnBothBackends(() => [
    tf.depthwiseConv2d(
      noise([2, 7, 6, 8], 1) as tf.Tensor4D,
      noise([3, 3, 8, 1], 2) as tf.Tensor4D,
      1,
      'same',
      'NHWC',
      [2, 1],
    ),
  ]);
});

describe('pools and their gradients', () => {
  it.each([
    { size: 2, strides: 2, pad: 'valid' },
    { size: 3, strides: 2, pad: 'same' },
    { size: 3, strides: 1, pad: 'same' },
  ] as const)('agree with cpu for size $size, strides $strides, $pad', async ({ size, strides, pad }) => {
    for (const pool of [tf.maxPool, tf.avgPool]) {
      await expectSameOnBothBackends(() => {
        const gradient = tf.grad((x) => {
          const y = pool(x as tf.Tensor4D, size, strides, pad);
          return y.mul(noise(y.shape, 3)).sum();
        });
        const x = noise([2, 6, 8, 3], 1);
        return [pool(x as tf.Tensor4D, size, strides, pad), gradient(x)];
      });
    }
  });
});
