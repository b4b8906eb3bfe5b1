import type { Parameters } from '@qb-heat/core';
import type { Embedding, ForwardContext, Random } from '@qb-heat/training';
import { collectParameters, disposeParameters, rotaryAngles, TransformerStack } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TextEncoder, TextSizes } from './text-encoder.ts';
import { TokenVectors } from './token-vectors.ts';

/** How tokens know their places: vectors added to them, learned or fixed, or queries and keys turned by an angle. */
export const positionKinds = ['learned', 'sin-cos', 'rotary'] as const;
export type PositionKind = (typeof positionKinds)[number];

export interface TransformerTextConfig {
  readonly kind: 'transformer';
  readonly dim: number;
  readonly depth: number;
  /** Must divide `dim`; rotary positions need heads of an even size. */
  readonly numHeads: number;
  readonly positions: PositionKind;
  readonly dropoutRate: number;
}

/** A pre-norm transformer over some tokens of a row, each at its true place. */
export class TransformerTextEncoder implements TextEncoder {
  readonly config: TextSizes & TransformerTextConfig;
  readonly parameters: Parameters;
  readonly embedding: Embedding;
  readonly takesGaps = true;
  readonly #vectors: TokenVectors;
  readonly #stack: TransformerStack;

  /** @param random draws the initial weights. */
  constructor(config: TextSizes & TransformerTextConfig, random: Random) {
    this.config = config;
    const { vocabSize, length, dim, depth, numHeads, positions, dropoutRate } = config;
    const places = positions === 'rotary' ? 'none' : positions;
    this.#vectors = new TokenVectors({ vocabSize, length, dim, positions: places, random });
    this.embedding = this.#vectors.embedding;
    this.#stack = new TransformerStack({ dim, depth, numHeads, dropoutRate, random: random.fork('stack') });
    this.parameters = new Map([...this.#vectors.parameters, ...collectParameters({ stack: this.#stack })]);
  }

  embed(ids: tf.Tensor2D, positions: tf.Tensor2D): tf.Tensor3D {
    return this.#vectors.apply(ids, positions);
  }

  transform(
    vectors: tf.Tensor3D,
    positions: tf.Tensor2D,
    padding?: tf.Tensor2D,
    context?: ForwardContext,
  ): tf.Tensor3D {
    const { dim, numHeads } = this.config;
    const isRotary = this.config.positions === 'rotary';
    return tf.tidy(() =>
      this.#stack.apply(vectors, context, {
        ...(padding && { padding }),
        ...(isRotary && { rotary: rotaryAngles(positions, dim / numHeads) }),
      }),
    );
  }

  apply(ids: tf.Tensor2D, positions: tf.Tensor2D, padding?: tf.Tensor2D, context?: ForwardContext): tf.Tensor3D {
    return tf.tidy(() => this.transform(this.embed(ids, positions), positions, padding, context));
  }

  dispose(): void {
    this.#vectors.dispose();
    disposeParameters(this.#stack);
  }
}
