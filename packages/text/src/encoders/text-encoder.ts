import type { Embedding, ForwardContext, Module } from '@qb-heat/training';
import type * as tf from '@tensorflow/tfjs';
import type { ConvNetTextConfig } from './convnet.ts';
import type { TransformerTextConfig } from './transformer.ts';

/** What every encoder of text is built from. */
export interface TextSizes {
  readonly vocabSize: number;
  /** Places of a row. */
  readonly length: number;
}

/** What an encoder is built from; plain JSON, to be kept beside its weights. */
export type TextEncoderConfig = TextSizes & (TransformerTextConfig | ConvNetTextConfig);

/** Turns tokens into features of tokens. What it is not given, it neither sees nor spends time on. */
export interface TextEncoder extends Module {
  readonly config: TextEncoderConfig;
  /** The token embedding, float32 `[vocab, dim]`, to which the decoder ties its output. */
  readonly embedding: Embedding;
  /** True when the tokens may be any of a row; false when they have to be neighbours, one after the other. */
  readonly takesGaps: boolean;

  /**
   * Vectors of tokens, each by itself: what `transform` starts from.
   *
   * @param ids int32 `[batch, numTokens]`.
   * @param positions int32 `[batch, numTokens]`, or `[1, numTokens]` for all samples: the place of each in its row.
   * @returns float32 `[batch, numTokens, dim]`. The caller disposes it.
   */
  embed(ids: tf.Tensor2D, positions: tf.Tensor2D): tf.Tensor3D;

  /**
   * Features of tokens in the light of one another, from their vectors.
   *
   * @param vectors float32 `[batch, numTokens, dim]`.
   * @param positions as in `embed`.
   * @param padding float32 `[batch, numTokens]`, 1 at tokens that nobody sees; their own features mean nothing.
   * @returns float32 `[batch, numTokens, dim]`. The caller disposes it.
   */
  transform(vectors: tf.Tensor3D, positions: tf.Tensor2D, padding?: tf.Tensor2D, context?: ForwardContext): tf.Tensor3D;

  /** `embed`, then `transform`: features of tokens in the light of one another. The caller disposes them. */
  apply(ids: tf.Tensor2D, positions: tf.Tensor2D, padding?: tf.Tensor2D, context?: ForwardContext): tf.Tensor3D;
}
