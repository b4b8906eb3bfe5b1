import * as tf from '@tensorflow/tfjs';
import { requireRank, requireShape } from './shape.ts';

export interface ConvolutionOptions {
  /** Step of the window along height and width; 1 unless given. */
  readonly stride?: number;
  /** `same` (the default) keeps height and width up to the stride; `valid` uses no border. */
  readonly padding?: 'same' | 'valid';
}

/**
 * Convolution over height and width: `y[b, i, j, o] = Σ x[b, i·stride + u, j·stride + v, c] · filter[u, v, c, o] + bias[o]`.
 *
 * @param x float32 `[batch, height, width, inChannels]`.
 * @param filter float32 `[filterHeight, filterWidth, inChannels, outChannels]`.
 * @param bias float32 `[outChannels]`, or none.
 * @returns float32 `[batch, outHeight, outWidth, outChannels]`. The caller disposes it.
 */
export function convolution2d(
  x: tf.Tensor4D,
  filter: tf.Tensor,
  bias?: tf.Tensor,
  { stride = 1, padding = 'same' }: ConvolutionOptions = {},
): tf.Tensor4D {
  requireRank('convolution2d', 'x', x, '[batch, height, width, inChannels]', 4);
  const layout = '[filterHeight, filterWidth, inChannels, outChannels]';
  requireRank('convolution2d', 'filter', filter, layout, 4);
  const [filterHeight, filterWidth, , outChannels] = filter.shape as [number, number, number, number];
  requireShape('convolution2d', 'filter', filter, layout, [filterHeight, filterWidth, x.shape[3], outChannels]);
  if (bias) requireShape('convolution2d', 'bias', bias, '[outChannels]', [outChannels]);
  return tf.tidy(() => {
    const y = tf.conv2d(x, filter as tf.Tensor4D, stride, padding);
    return bias ? tf.add(y, bias) : y;
  });
}

/**
 * Convolution of each channel on its own:
 * `y[b, i, j, c] = Σ x[b, i·stride + u, j·stride + v, c] · filter[u, v, c, 0] + bias[c]`.
 *
 * @param x float32 `[batch, height, width, channels]`.
 * @param filter float32 `[filterHeight, filterWidth, channels, 1]`.
 * @param bias float32 `[channels]`, or none.
 * @returns float32 `[batch, outHeight, outWidth, channels]`. The caller disposes it.
 */
export function depthwiseConvolution2d(
  x: tf.Tensor4D,
  filter: tf.Tensor,
  bias?: tf.Tensor,
  { stride = 1, padding = 'same' }: ConvolutionOptions = {},
): tf.Tensor4D {
  requireRank('depthwiseConvolution2d', 'x', x, '[batch, height, width, channels]', 4);
  const layout = '[filterHeight, filterWidth, channels, 1]';
  requireRank('depthwiseConvolution2d', 'filter', filter, layout, 4);
  const channels = x.shape[3];
  const [filterHeight, filterWidth] = filter.shape as [number, number];
  requireShape('depthwiseConvolution2d', 'filter', filter, layout, [filterHeight, filterWidth, channels, 1]);
  if (bias) requireShape('depthwiseConvolution2d', 'bias', bias, '[channels]', [channels]);
  return tf.tidy(() => {
    const y = tf.depthwiseConv2d(x, filter as tf.Tensor4D, stride, padding);
    return bias ? tf.add(y, bias) : y;
  });
}
