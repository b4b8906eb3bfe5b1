import type { Parameters } from '@qb-heat/core';
import type { ForwardContext, Module, Random } from '@qb-heat/training';
import {
  collectParameters,
  createRandom,
  disposeParameters,
  Embedding,
  PositionEmbedding,
  rotaryAngles,
  TransformerStack,
} from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

/** How tokens know their places: vectors added to them, learned or fixed, or queries and keys turned by an angle. */
export const positionKinds = ['learned', 'sin-cos', 'rotary'] as const;
export type PositionKind = (typeof positionKinds)[number];

/** What an encoder is built from; plain JSON, to be kept beside its weights. */
export interface TextEncoderConfig {
  readonly vocabSize: number;
  /** Places of a row. */
  readonly length: number;
  readonly dim: number;
  readonly depth: number;
  /** Must divide `dim`; rotary positions need heads of an even size. */
  readonly numHeads: number;
  readonly positions: PositionKind;
  readonly dropoutRate: number;
}

/**
 * A pre-norm transformer over some tokens of a row, each at its true place: nothing of the others gets in, and nothing
 * is computed for them.
 */
export class TextEncoder implements Module {
  readonly config: TextEncoderConfig;
  readonly parameters: Parameters;
  /** The token embedding, float32 `[vocab, dim]`, to which the decoder ties its output. */
  readonly embedding: Embedding;
  readonly #positions: PositionEmbedding | undefined;
  readonly #stack: TransformerStack;
  readonly #headDim: number;

  /** @param random draws the initial weights. */
  constructor(config: TextEncoderConfig, random: Random) {
    this.config = config;
    const { vocabSize, length, positions, ...stack } = config;
    const { dim, numHeads } = stack;
    this.#headDim = dim / numHeads;
    this.embedding = new Embedding({ vocab: vocabSize, dim, random: random.fork('embedding') });
    this.#stack = new TransformerStack({ ...stack, random: random.fork('stack') });
    const grid = { height: 1, width: length };
    this.#positions =
      positions === 'rotary'
        ? undefined
        : new PositionEmbedding({ grid, dim, kind: positions, random: random.fork('positions') });
    this.parameters = collectParameters({
      embedding: this.embedding,
      ...(this.#positions && { positions: this.#positions }),
      stack: this.#stack,
    });
  }

  /**
   * Features of tokens in the light of one another.
   *
   * @param ids int32 `[batch, numTokens]`.
   * @param positions int32 `[batch, numTokens]`, or `[1, numTokens]` for all samples: the place of each in its row.
   * @param padding float32 `[batch, numTokens]`, 1 at tokens that nobody attends to.
   * @returns float32 `[batch, numTokens, dim]`. The caller disposes it.
   */
  apply(ids: tf.Tensor2D, positions: tf.Tensor2D, padding?: tf.Tensor2D, context?: ForwardContext): tf.Tensor3D {
    return tf.tidy(() => {
      const tokens = this.embedding.apply(ids);
      const placed = this.#positions ? tf.add(tokens, this.#positions.at(positions)) : tokens;
      return this.#stack.apply(placed, context, {
        ...(padding && { padding }),
        ...(!this.#positions && { rotary: rotaryAngles(positions, this.#headDim) }),
      });
    });
  }

  dispose(): void {
    this.#positions?.dispose();
    disposeParameters(this);
  }
}

/**
 * An encoder by itself, to restore a checkpoint into: its weights are random until then.
 *
 * @param config as `TextEncoder.config` was when the checkpoint was written. The caller disposes the encoder.
 */
export function createTextEncoder(config: TextEncoderConfig): TextEncoder {
  return new TextEncoder(config, createRandom(0));
}
