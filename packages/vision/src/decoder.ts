import { InputError } from '@qb-heat/core';
import type { Grid, Parameters } from '@qb-heat/core';
import { Linear, PositionEmbedding, TransformerStack, collectParameters } from '@qb-heat/training';
import type { ForwardContext, Module, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

export interface PixelDecoderOptions {
  /** Channels of the features that it is given. */
  readonly inputDim: number;
  /** Channels that it works with. */
  readonly dim: number;
  /** Transformer blocks, 0 or more. */
  readonly depth: number;
  /** Divides `dim`. */
  readonly numHeads: number;
  /** Values of a patch. */
  readonly patchDim: number;
  readonly grid: Grid;
  readonly random: Random;
}

/**
 * A small transformer from the features of all patches to their pixels. It adds a position to every feature after the
 * fill, so that no fill is starved of position (He et al. 2022, section 3, "MAE decoder").
 */
export class PixelDecoder implements Module {
  readonly parameters: Parameters;
  readonly #embedding: Linear;
  readonly #positions: PositionEmbedding;
  readonly #blocks: TransformerStack;
  readonly #head: Linear;
  readonly #options: PixelDecoderOptions;

  /** @throws InputError if the heads don't divide the channels. */
  constructor(options: PixelDecoderOptions) {
    const { inputDim, dim, depth, numHeads, patchDim, grid, random } = options;
    this.#options = options;
    if (dim % numHeads !== 0) throw new InputError(`decoder.numHeads must divide dim, got ${numHeads} for ${dim}`);
    this.#embedding = new Linear({ inputDim, outputDim: dim, random: random.fork('embedding') });
    this.#positions = new PositionEmbedding({ grid, dim, kind: 'sin-cos', random: random.fork('positions') });
    this.#blocks = new TransformerStack({ dim, depth, numHeads, random: random.fork('blocks') });
    this.#head = new Linear({ inputDim: dim, outputDim: patchDim, random: random.fork('head') });
    this.parameters = collectParameters({
      embedding: this.#embedding,
      transformer: this.#blocks,
      head: this.#head,
    });
  }

  /**
   * @param features float32 `[batch, numPatches, inputDim]`, raster order.
   * @returns predicted patches, float32 `[batch, numPatches, patchDim]`. The caller disposes it.
   */
  apply(features: tf.Tensor3D, context?: ForwardContext): tf.Tensor3D {
    return tf.tidy(() => {
      const tokens = this.#embedding.apply(features); // [batch, numPatches, dim]
      const decoded = this.#blocks.apply(tf.add(tokens, this.#positions.table), context);
      return this.#head.apply(decoded) as tf.Tensor3D; // [batch, numPatches, patchDim]
    });
  }

  /** Floating-point operations of one image's forward pass. */
  countFlops(): number {
    const { inputDim, dim, depth, patchDim, grid } = this.#options;
    const numTokens = grid.height * grid.width;
    // Query, key, value and output; an MLP of four times the width; scores and what they weigh.
    const perBlock = 4 * dim ** 2 + 8 * dim ** 2 + 2 * numTokens * dim;
    return 2 * numTokens * (inputDim * dim + depth * perBlock + dim * patchDim);
  }

  dispose(): void {
    this.#embedding.dispose();
    this.#positions.dispose();
    this.#blocks.dispose();
    this.#head.dispose();
  }
}
