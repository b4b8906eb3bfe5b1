import type { Parameters } from '@qb-heat/core';
import type { Module, Random } from '@qb-heat/training';
import { collectParameters, Embedding, LayerNorm, PositionEmbedding } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

export interface TokenVectorsOptions {
  readonly vocabSize: number;
  readonly length: number;
  readonly dim: number;
  /** Vectors of the places, added to those of the tokens. */
  readonly positions: 'learned' | 'sin-cos' | 'none';
  readonly random: Random;
}

/**
 * A vector for each token, plus one for its place, normalised as in BERT: the embedding is small, since the output layer
 * shares it, and would drown in what the first block adds to it.
 */
export class TokenVectors implements Module {
  readonly parameters: Parameters;
  readonly embedding: Embedding;
  readonly #positions: PositionEmbedding | undefined;
  readonly #norm: LayerNorm;

  constructor({ vocabSize, length, dim, positions, random }: TokenVectorsOptions) {
    this.embedding = new Embedding({ vocab: vocabSize, dim, random: random.fork('embedding') });
    const grid = { height: 1, width: length };
    this.#positions =
      positions === 'none'
        ? undefined
        : new PositionEmbedding({ grid, dim, kind: positions, random: random.fork('positions') });
    this.#norm = new LayerNorm({ dim });
    this.parameters = collectParameters({
      embedding: this.embedding,
      ...(this.#positions && { positions: this.#positions }),
      embeddingNorm: this.#norm,
    });
  }

  /** @param ids int32 `[batch, n]`. @param positions int32 `[batch or 1, n]`. The caller disposes the result. */
  apply(ids: tf.Tensor2D, positions: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => {
      const tokens = this.embedding.apply(ids) as tf.Tensor3D; // [batch, n, dim]
      return this.#norm.apply(this.#positions ? tf.add<tf.Tensor3D>(tokens, this.#positions.at(positions)) : tokens);
    });
  }

  dispose(): void {
    this.embedding.dispose();
    this.#positions?.dispose();
    this.#norm.dispose();
  }
}
