import { countVisible, visibleIndices } from '@qb-heat/core';
import type { Grid, Parameters, Visibility } from '@qb-heat/core';
import { Linear, PositionEmbedding, TransformerStack, collectParameters } from '@qb-heat/training';
import type { ForwardContext } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { EncoderContext, ImageEncoder } from './encoder.ts';

export interface VitOptions {
  readonly dim: number;
  readonly depth: number;
  /** Divides `dim`. */
  readonly numHeads: number;
  readonly mlpRatio: number;
  readonly positions: 'sin-cos' | 'learned';
  /** Of the last block; it grows from 0 at the first. */
  readonly stochasticDepthRate: number;
}

/** Widths and depths by name; `tiny`, `small` and `base` are those of ViT and DeiT, the smaller ones for small images. */
export const vitPresets = {
  atto: { dim: 64, depth: 3, numHeads: 2 },
  femto: { dim: 96, depth: 4, numHeads: 3 },
  pico: { dim: 128, depth: 5, numHeads: 4 },
  nano: { dim: 192, depth: 6, numHeads: 3 },
  tiny: { dim: 192, depth: 12, numHeads: 3 },
  small: { dim: 384, depth: 12, numHeads: 6 },
  base: { dim: 768, depth: 12, numHeads: 12 },
} as const;

/**
 * A vision transformer over the visible patches alone: a linear map of each patch, its position, pre-norm blocks, and a
 * final layer norm. Masked patches cost nothing (He et al. 2022, section 3).
 */
export class VitEncoder implements ImageEncoder {
  readonly dim: number;
  readonly parameters: Parameters;
  readonly #embedding: Linear;
  readonly #positions: PositionEmbedding;
  readonly #blocks: TransformerStack;
  readonly #options: VitOptions;
  readonly #patchDim: number;

  constructor(options: VitOptions, { grid, patchSize, numChannels, random }: EncoderContext) {
    const { dim, depth, numHeads, mlpRatio, positions, stochasticDepthRate } = options;
    this.dim = dim;
    this.#options = options;
    this.#patchDim = patchSize * patchSize * numChannels;
    this.#embedding = new Linear({ inputDim: this.#patchDim, outputDim: dim, random: random.fork('embedding') });
    this.#positions = new PositionEmbedding({ grid, dim, kind: positions, random: random.fork('positions') });
    this.#blocks = new TransformerStack({
      dim,
      depth,
      numHeads,
      mlpRatio,
      stochasticDepthRate,
      random: random.fork('blocks'),
    });
    this.parameters = collectParameters({
      embedding: this.#embedding,
      positions: this.#positions,
      transformer: this.#blocks,
    });
  }

  encode(patches: tf.Tensor3D, visibility: Visibility, context?: ForwardContext): tf.Tensor3D {
    return tf.tidy(() => {
      const tokens = this.#embedding.apply(patches); // [batch, numVisible, dim]
      const positions = this.#positions.at(indexTensor(visibility)); // [1 or batch, numVisible, dim]
      return this.#blocks.apply(tf.add(tokens, positions), context);
    });
  }

  countFlops(visible: Grid): number {
    const { dim, depth, mlpRatio } = this.#options;
    const numTokens = visible.height * visible.width;
    const perBlock = 4 * dim * dim + 2 * mlpRatio * dim * dim + 2 * numTokens * dim;
    return 2 * numTokens * (this.#patchDim * dim + depth * perBlock);
  }

  dispose(): void {
    this.#embedding.dispose();
    this.#positions.dispose();
    this.#blocks.dispose();
  }
}

/** Raster indices of the visible patches, int32 `[1, numVisible]` where all samples share a block, else `[batch, numVisible]`. */
function indexTensor(visibility: Visibility): tf.Tensor2D {
  const numVisible = countVisible(visibility);
  const isShared = visibility.kind === 'block' && visibility.blocks.length === 1;
  const indices = visibleIndices(isShared ? { ...visibility, batchSize: 1 } : visibility);
  return tf.tensor2d(indices, [indices.length / numVisible, numVisible], 'int32');
}
