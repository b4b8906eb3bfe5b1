import type { Parameters } from '@qb-heat/core';
import { convolution2d, depthwiseConvolution2d } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type { ConvolutionOptions } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { disposeParameters } from './composite.ts';
import { constantVariable, weightVariable } from './initialize.ts';
import type { WeightInitialization } from './initialize.ts';

export interface Convolution2dOptions extends ConvolutionOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the window. */
  readonly kernelSize: number;
  readonly random: Random;
  /** `truncated-normal` unless given, as in ConvNeXt. */
  readonly initialization?: WeightInitialization;
}

/** A convolution with bias: float32 `[batch, height, width, inChannels]` → `[batch, outHeight, outWidth, outChannels]`. */
export class Convolution2d implements Layer {
  readonly parameters: Parameters;
  readonly #weight: tf.Variable;
  readonly #bias: tf.Variable;
  readonly #options: ConvolutionOptions;

  constructor(options: Convolution2dOptions) {
    const {
      inChannels,
      outChannels,
      kernelSize,
      random,
      initialization = 'truncated-normal',
      ...convolution
    } = options;
    const area = kernelSize * kernelSize;
    const shape = [kernelSize, kernelSize, inChannels, outChannels];
    this.#weight = weightVariable(random, initialization, area * inChannels, area * outChannels, shape);
    this.#bias = constantVariable(0, [outChannels]);
    this.#options = convolution;
    this.parameters = new Map([
      ['weight', this.#weight],
      ['bias', this.#bias],
    ]);
  }

  /** @param x float32 `[batch, height, width, inChannels]`. The caller disposes the result. */
  apply(x: tf.Tensor): tf.Tensor4D {
    return convolution2d(x as tf.Tensor4D, this.#weight, this.#bias, this.#options);
  }

  dispose(): void {
    disposeParameters(this);
  }
}

export interface DepthwiseConvolution2dOptions extends ConvolutionOptions {
  readonly channels: number;
  /** Height and width of the window, one number for both or one each. */
  readonly kernelSize: number | readonly [height: number, width: number];
  readonly random: Random;
  /** `truncated-normal` unless given, as in ConvNeXt. */
  readonly initialization?: WeightInitialization;
}

/** A convolution with bias of each channel on its own: float32 `[batch, height, width, channels]`, channels unchanged. */
export class DepthwiseConvolution2d implements Layer {
  readonly parameters: Parameters;
  readonly #weight: tf.Variable;
  readonly #bias: tf.Variable;
  readonly #options: ConvolutionOptions;

  constructor(options: DepthwiseConvolution2dOptions) {
    const { channels, kernelSize, random, initialization = 'truncated-normal', ...convolution } = options;
    const [height, width] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    const area = height * width;
    this.#weight = weightVariable(random, initialization, area, area, [height, width, channels, 1]);
    this.#bias = constantVariable(0, [channels]);
    this.#options = convolution;
    this.parameters = new Map([
      ['weight', this.#weight],
      ['bias', this.#bias],
    ]);
  }

  /** @param x float32 `[batch, height, width, channels]`. The caller disposes the result. */
  apply(x: tf.Tensor): tf.Tensor4D {
    return depthwiseConvolution2d(x as tf.Tensor4D, this.#weight, this.#bias, this.#options);
  }

  dispose(): void {
    disposeParameters(this);
  }
}
