import type { Parameters } from '@qb-heat/core';
import type { Embedding, ForwardContext, Random } from '@qb-heat/training';
import { collectParameters, ConvNextBlock, disposeParameters, LayerNorm } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TextEncoder, TextSizes } from './text-encoder.ts';
import { TokenVectors } from './token-vectors.ts';

export interface ConvNetTextConfig {
  readonly kind: 'convnet';
  readonly dim: number;
  readonly depth: number;
  /** Tokens that a block sees at once, odd. */
  readonly kernelSize: number;
  /** Vectors of the places, added to those of the tokens; a convolution knows who stands beside whom without. */
  readonly positions: 'none' | 'learned' | 'sin-cos';
}

/**
 * A convolutional encoder of neighbouring tokens: ConvNeXt blocks (arXiv 2201.03545) along the text, then layer norm. A
 * visible window is contiguous, so that it computes on that window alone; beyond its ends, and at padding, there are
 * zeros.
 */
export class ConvNetTextEncoder implements TextEncoder {
  readonly config: TextSizes & ConvNetTextConfig;
  readonly parameters: Parameters;
  readonly embedding: Embedding;
  readonly takesGaps = false;
  readonly #vectors: TokenVectors;
  readonly #blocks: readonly ConvNextBlock[];
  readonly #norm: LayerNorm;

  /** @param random draws the initial weights. */
  constructor(config: TextSizes & ConvNetTextConfig, random: Random) {
    this.config = config;
    const { vocabSize, length, dim, depth, kernelSize, positions } = config;
    this.#vectors = new TokenVectors({ vocabSize, length, dim, positions, random });
    this.embedding = this.#vectors.embedding;
    const weights = random.fork('blocks');
    this.#blocks = Array.from(
      { length: depth },
      (_, index) => new ConvNextBlock({ channels: dim, kernelSize: [1, kernelSize], random: weights.fork(index) }),
    );
    this.#norm = new LayerNorm({ dim });
    const blocks = Object.fromEntries(this.#blocks.map((block, index) => [`blocks.${index}`, block]));
    this.parameters = new Map([...this.#vectors.parameters, ...collectParameters({ ...blocks, norm: this.#norm })]);
  }

  embed(ids: tf.Tensor2D, positions: tf.Tensor2D): tf.Tensor3D {
    return this.#vectors.apply(ids, positions);
  }

  transform(
    vectors: tf.Tensor3D,
    _positions: tf.Tensor2D,
    padding?: tf.Tensor2D,
    context?: ForwardContext,
  ): tf.Tensor3D {
    return tf.tidy(() => {
      const [batch, numTokens, dim] = vectors.shape;
      const isToken = padding && tf.sub(1, padding).reshape([batch, 1, numTokens, 1]);
      let map: tf.Tensor = vectors.reshape([batch, 1, numTokens, dim]);
      for (const block of this.#blocks) map = block.apply(isToken ? tf.mul(map, isToken) : map, context);
      return this.#norm.apply(map.reshape<tf.Tensor3D>([batch, numTokens, dim]));
    });
  }

  apply(ids: tf.Tensor2D, positions: tf.Tensor2D, padding?: tf.Tensor2D, context?: ForwardContext): tf.Tensor3D {
    return tf.tidy(() => this.transform(this.embed(ids, positions), positions, padding, context));
  }

  dispose(): void {
    this.#vectors.dispose();
    [...this.#blocks, this.#norm].forEach((module) => disposeParameters(module));
  }
}
