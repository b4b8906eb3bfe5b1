import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { convolution2d, depthwiseConvolution2d } from '../../src/fused/index.ts';
import { backends, checkOperation, useBackend } from './check-operation.ts';

interface Sizes {
  readonly batch: number;
  readonly size: number;
  readonly kernelSize: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid';
  readonly isDepthwise?: boolean;
}

function reference(x: Float64Array, filter: Float64Array, bias: Float64Array, sizes: Sizes): Float64Array {
  const { batch, size, kernelSize, inChannels, outChannels, stride, padding, isDepthwise = false } = sizes;
  const outSize = padding === 'same' ? Math.ceil(size / stride) : Math.ceil((size - kernelSize + 1) / stride);
  // TensorFlow's `same` puts the odd row of padding at the end.
  const before = padding === 'same' ? Math.floor(Math.max((outSize - 1) * stride + kernelSize - size, 0) / 2) : 0;
  const y: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < outSize; i++) {
      for (let j = 0; j < outSize; j++) {
        for (let o = 0; o < outChannels; o++) {
          let sum = bias[o]!;
          for (let u = 0; u < kernelSize; u++) {
            for (let v = 0; v < kernelSize; v++) {
              const [row, column] = [i * stride + u - before, j * stride + v - before];
              if (row < 0 || row >= size || column < 0 || column >= size) continue;
              for (const c of isDepthwise ? [o] : Array.from({ length: inChannels }, (_, index) => index)) {
                const weightAt = isDepthwise
                  ? (u * kernelSize + v) * inChannels + c
                  : ((u * kernelSize + v) * inChannels + c) * outChannels + o;
                sum += x[((b * size + row) * size + column) * inChannels + c]! * filter[weightAt]!;
              }
            }
          }
          y.push(sum);
        }
      }
    }
  }
  return Float64Array.from(y);
}

const layouts = [
  { kernelSize: 3, stride: 1, padding: 'same' },
  { kernelSize: 3, stride: 2, padding: 'same' },
  { kernelSize: 3, stride: 1, padding: 'valid' },
  { kernelSize: 2, stride: 2, padding: 'valid' },
  { kernelSize: 1, stride: 1, padding: 'same' },
] as const;

describe.each(backends)('convolutions on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each(layouts)('convolution2d agrees with loops, with its gradients: %o', async (layout) => {
    const { kernelSize, stride, padding } = layout;
    await checkOperation({
      shapes: [[2, 4, 4, 2], [kernelSize, kernelSize, 2, 3], [3]],
      apply: (x, filter, bias) => convolution2d(x as tf.Tensor4D, filter, bias, { stride, padding }),
      reference: (x, filter, bias) =>
        reference(x, filter, bias, { ...layout, batch: 2, size: 4, inChannels: 2, outChannels: 3 }),
    });
  });

  it.each(layouts)('depthwiseConvolution2d agrees with loops, with its gradients: %o', async (layout) => {
    const { kernelSize, stride, padding } = layout;
    await checkOperation({
      shapes: [[2, 4, 4, 3], [kernelSize, kernelSize, 3, 1], [3]],
      apply: (x, filter, bias) => depthwiseConvolution2d(x as tf.Tensor4D, filter, bias, { stride, padding }),
      reference: (x, filter, bias) =>
        reference(x, filter, bias, {
          ...layout,
          batch: 2,
          size: 4,
          inChannels: 3,
          outChannels: 3,
          isDepthwise: true,
        }),
    });
  });

  it('names what it wanted and what it got', () => {
    expect(() => convolution2d(tf.zeros([1, 4, 4, 2]), tf.zeros([3, 3, 3, 5]))).toThrow(
      'convolution2d: filter must be [filterHeight, filterWidth, inChannels, outChannels] = [3, 3, 2, 5], got [3, 3, 3, 5]',
    );
    expect(() => depthwiseConvolution2d(tf.zeros([1, 4, 4, 2]), tf.zeros([3, 3, 2, 2]))).toThrow(
      'depthwiseConvolution2d: filter must be [filterHeight, filterWidth, channels, 1] = [3, 3, 2, 1], got [3, 3, 2, 2]',
    );
  });
});
