import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Layer } from '../layer.ts';
import { collectParameters, disposeParameters } from './composite.ts';
import { LayerNorm } from './layer-norm.ts';
import type { AttentionContext } from './multi-head-attention.ts';
import { TransformerBlock } from './transformer-block.ts';
import type { TransformerBlockOptions } from './transformer-block.ts';

export interface TransformerStackOptions extends TransformerBlockOptions {
  /** Blocks, 0 or more. */
  readonly depth: number;
  /** Stochastic depth of the last block; it grows linearly from 0 at the first (arXiv 1603.09382, section 4). */
  readonly stochasticDepthRate?: number;
}

/** Pre-norm transformer blocks and a final layer norm, `[batch, length, dim]` → the same. */
export class TransformerStack implements Layer {
  readonly parameters: Parameters;
  readonly #blocks: readonly TransformerBlock[];
  readonly #norm: LayerNorm;

  constructor({ depth, stochasticDepthRate = 0, ...block }: TransformerStackOptions) {
    this.#blocks = Array.from(
      { length: depth },
      (_, index) =>
        new TransformerBlock({
          ...block,
          random: block.random.fork('blocks').fork(index),
          stochasticDepthRate: depth > 1 ? (stochasticDepthRate * index) / (depth - 1) : stochasticDepthRate,
        }),
    );
    this.#norm = new LayerNorm({ dim: block.dim });
    this.parameters = collectParameters({
      ...Object.fromEntries(this.#blocks.map((child, index) => [`blocks.${index}`, child])),
      norm: this.#norm,
    });
  }

  /** @param x float32 `[batch, length, dim]`. The caller disposes the result, of the same shape. */
  apply(x: tf.Tensor, context?: ForwardContext, attention?: AttentionContext): tf.Tensor3D {
    return tf.tidy(() => {
      let features = x;
      for (const block of this.#blocks) features = block.apply(features, context, attention);
      return this.#norm.apply(features) as tf.Tensor3D;
    });
  }

  dispose(): void {
    disposeParameters(this);
  }
}
