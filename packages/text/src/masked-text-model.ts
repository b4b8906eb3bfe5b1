import type { Parameters } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { ForwardContext, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TextModelConfig, TextModelOptions } from './config.ts';
import { parseTextModelConfig } from './config.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';
import { describeSource, FilledFeatures } from './feature-source.ts';
import type { FeatureSource } from './feature-source.ts';
import type { TextBatch } from './text-batches.ts';
import { TokenPredictor } from './token-predictor.ts';
import type { TokenStatistics } from './token-predictor.ts';

/** A model that guesses masked tokens; the baselines are compared by this alone. */
export interface MaskedTokenModel extends PretrainingModel<TextBatch> {
  /** What is kept after pre-training. */
  readonly encoder: TextEncoder;
  /** Vocabulary logits of the masked positions, float32 `[batch * numMasked, vocab]`. The caller disposes them. */
  logits(batch: TextBatch, context: ForwardContext): tf.Tensor2D;
  /**
   * Cross-entropy in nats and hit (1 or 0) of every masked position, float32 `[2, batch * numMasked]`, without holding
   * the logits of all. The caller disposes it.
   */
  score(batch: TextBatch, context: ForwardContext): tf.Tensor2D;
}

/**
 * Pre-training by predicting masked tokens: encode the visible tokens alone, fill in features for the masked ones, and
 * decode vocabulary logits at those.
 *
 * With a visible window and the fill `linear` this is QB-Heat in one dimension; with random tokens `interpolate`,
 * `harmonic` and `least-squares` fill between neighbours; with the fill `mask-token` it is MAE-LM (arXiv 2302.02060).
 * Whatever is combined, only what is named differs.
 */
export class MaskedTextModel implements MaskedTokenModel {
  readonly config: TextModelConfig;
  readonly parameters: Parameters;
  readonly encoder: TextEncoder;
  readonly #source: FeatureSource;
  readonly #predictor: TokenPredictor;

  /** Throws an `InputError` on an unknown option or fill, and on sizes that don't fit each other. */
  constructor({ tokenCounts, ...options }: TextModelOptions & TokenStatistics) {
    this.config = parseTextModelConfig(options);
    const { vocabSize, length, encoder, fill, seed } = this.config;
    const random = createRandom(seed);
    this.#source = new FilledFeatures({ ...encoder, vocabSize, length }, fill, random);
    this.encoder = this.#source.encoder;
    this.#predictor = new TokenPredictor(this.config, this.encoder, { tokenCounts }, random);
    this.parameters = new Map([...this.#source.parameters, ...this.#predictor.parameters]);
  }

  logits(batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => this.#predictor.logits(this.#source.apply(batch, context), batch, context));
  }

  score(batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => this.#predictor.score(this.#source.apply(batch, context), batch, context));
  }

  /** Mean cross-entropy over the masked tokens in nats, a float32 scalar. The caller disposes it. */
  loss(batch: TextBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => this.#predictor.loss(this.#source.apply(batch, context), batch, context));
  }

  /**
   * Scalars worth logging: `effectiveRank` of the encoder's features of whole rows, near 1 when they collapse, and the
   * fill's own, such as the spectral radius of its operators and how far those features are from obeying them.
   */
  diagnostics(batch: TextBatch): Promise<Record<string, number>> {
    return describeSource(this.#source, batch);
  }

  dispose(): void {
    this.#source.dispose();
    this.#predictor.dispose();
  }
}
