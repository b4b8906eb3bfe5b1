import { gatherMasked } from '@qb-heat/core';
import type { Parameters, Visibility } from '@qb-heat/core';
import type { ForwardContext, Module, Random, RotaryAngles } from '@qb-heat/training';
import {
  collectParameters,
  disposeParameters,
  gelu,
  LayerNorm,
  Linear,
  PositionEmbedding,
  rotaryAngles,
  TransformerStack,
} from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

/**
 * How the decoder knows places: `sin-cos` adds a fixed vector to each; `rotary` also turns queries and keys, so that a
 * masked position finds its neighbours from the first step on. With `sin-cos` alone that takes hundreds of steps to learn,
 * and a fill that brings the neighbours' features along seems better than a mask token for that reason only.
 */
export const decoderPositionKinds = ['sin-cos', 'rotary'] as const;
export type DecoderPositionKind = (typeof decoderPositionKinds)[number];

export interface TextDecoderOptions {
  /** Places of a row. */
  readonly length: number;
  /** Channels of the features that come in. */
  readonly featureDim: number;
  readonly dim: number;
  /** Transformer blocks; 0 reads each position by itself. */
  readonly depth: number;
  /** Must divide `dim`; rotary positions need heads of an even size. */
  readonly numHeads: number;
  readonly positions: DecoderPositionKind;
  readonly random: Random;
}

/**
 * From features of all positions to what the output layer needs at the masked ones.
 *
 * Every position gets its own vector first, whatever filled it, so that no fill is starved of position. The head is
 * BERT's: a layer, GELU and layer norm, of the masked positions alone, for what follows is the largest product of the
 * model.
 */
export class TextDecoder implements Module {
  readonly parameters: Parameters;
  readonly #input: Linear;
  readonly #positions: PositionEmbedding;
  readonly #stack: TransformerStack;
  readonly #transform: Linear;
  readonly #norm: LayerNorm;
  /** Channels of a head that are turned; `undefined` where places are added alone. */
  readonly #rotaryDim: number | undefined;

  constructor({ length, featureDim, positions, random, ...stack }: TextDecoderOptions) {
    const { dim, numHeads } = stack;
    const grid = { height: 1, width: length };
    this.#rotaryDim = positions === 'rotary' ? dim / numHeads : undefined;
    this.#input = new Linear({ inputDim: featureDim, outputDim: dim, random: random.fork('input') });
    this.#positions = new PositionEmbedding({ grid, dim, kind: 'sin-cos', random: random.fork('positions') });
    this.#stack = new TransformerStack({ ...stack, random: random.fork('stack') });
    this.#transform = new Linear({ inputDim: dim, outputDim: featureDim, random: random.fork('transform') });
    this.#norm = new LayerNorm({ dim: featureDim });
    this.parameters = collectParameters({
      input: this.#input,
      stack: this.#stack,
      transform: this.#transform,
      norm: this.#norm,
    });
  }

  /**
   * @param features float32 `[batch, length, featureDim]`.
   * @param padding float32 `[batch, length]`, 1 at positions that nobody attends to.
   * @returns float32 `[batch * numMasked, featureDim]`. The caller disposes it.
   */
  apply(features: tf.Tensor3D, visibility: Visibility, padding?: tf.Tensor2D, context?: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => {
      const placed = tf.add(this.#input.apply(features), this.#positions.table);
      const decoded = this.#stack.apply(placed, context, {
        ...(padding && { padding }),
        ...(this.#rotaryDim !== undefined && { rotary: this.#angles(features.shape[1], this.#rotaryDim) }),
      });
      const masked = gatherMasked(decoded, visibility); // [batch, numMasked, dim]
      const head = this.#norm.apply(gelu(this.#transform.apply(masked))); // [batch, numMasked, featureDim]
      return head.reshape<tf.Tensor2D>([-1, head.shape[2]!]);
    });
  }

  dispose(): void {
    this.#positions.dispose();
    disposeParameters(this);
  }

  #angles(length: number, headDim: number): RotaryAngles {
    const places = Int32Array.from({ length }, (_, place) => place);
    return rotaryAngles(tf.tensor2d(places, [1, length], 'int32'), headDim);
  }
}
