import type { Parameters } from '@qb-heat/core';
import { stochasticDepth } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { collectParameters, disposeParameters } from './composite.ts';
import { DepthwiseConvolution2d } from './convolution.ts';
import { GroupNorm } from './group-norm.ts';
import { LayerNorm } from './layer-norm.ts';
import { Mlp } from './mlp.ts';

export interface ConvNextBlockOptions {
  readonly channels: number;
  readonly random: Random;
  /** Window of the depthwise convolution; 7 unless given. A sequence is a map of height 1 and takes `[1, width]`. */
  readonly kernelSize?: number | readonly [height: number, width: number];
  /** Hidden channels over `channels`; 4 unless given. */
  readonly mlpRatio?: number;
  /** `layer` normalises each position, as ConvNeXt does (the default); `group` each sample. */
  readonly norm?: 'layer' | 'group';
  /** Probability that a sample skips the branch in training; 0 unless given. */
  readonly stochasticDepthRate?: number;
}

/**
 * A ConvNeXt block, `[batch, height, width, channels]` → the same: depthwise convolution, normalisation, two pointwise
 * maps with a GELU between them, added to the input.
 *
 * @see Liu et al., "A ConvNet for the 2020s", arXiv 2201.03545, figure 4; without its layer scale.
 */
export class ConvNextBlock implements Layer {
  readonly parameters: Parameters;
  readonly #depthwise: DepthwiseConvolution2d;
  readonly #norm: Layer;
  readonly #mlp: Mlp;
  readonly #stochasticDepthRate: number;
  readonly #seed: number;

  constructor(options: ConvNextBlockOptions) {
    const { channels, random, kernelSize = 7, mlpRatio = 4, norm = 'layer', stochasticDepthRate = 0 } = options;
    this.#depthwise = new DepthwiseConvolution2d({ channels, kernelSize, random: random.fork('depthwise') });
    this.#norm = norm === 'layer' ? new LayerNorm({ dim: channels }) : new GroupNorm({ channels });
    this.#mlp = new Mlp({
      dim: channels,
      hiddenDim: Math.round(channels * mlpRatio),
      random: random.fork('mlp'),
      initialization: 'truncated-normal',
    });
    this.#stochasticDepthRate = stochasticDepthRate;
    this.#seed = random.fork('depth').integer(2 ** 32);
    this.parameters = collectParameters({ depthwise: this.#depthwise, norm: this.#norm, mlp: this.#mlp });
  }

  /** @param x float32 `[batch, height, width, channels]`. The caller disposes the result, of the same shape. */
  apply(x: tf.Tensor, context?: ForwardContext): tf.Tensor4D {
    return tf.tidy(() => {
      let branch = this.#mlp.apply(this.#norm.apply(this.#depthwise.apply(x)), context);
      if (context?.training && this.#stochasticDepthRate > 0) {
        branch = stochasticDepth(branch, this.#stochasticDepthRate, { seed: this.#seed, step: context.step });
      }
      return tf.add<tf.Tensor4D>(x, branch);
    });
  }

  dispose(): void {
    disposeParameters(this);
  }
}
