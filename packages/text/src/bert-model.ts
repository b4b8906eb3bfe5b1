import type { Parameters } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { ForwardContext } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { BertModelConfig, BertModelOptions } from './config.ts';
import { parseBertModelConfig } from './config.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';
import { describeSource, MaskedInputFeatures } from './feature-source.ts';
import type { FeatureSource } from './feature-source.ts';
import type { MaskedTokenModel } from './masked-text-model.ts';
import type { TextBatch } from './text-batches.ts';
import { TokenPredictor } from './token-predictor.ts';
import type { TokenStatistics } from './token-predictor.ts';

/**
 * The baseline with `[MASK]` in the encoder: BERT's masked language model (arXiv 1810.04805, section 3.1), on the
 * encoder and decoder of `MaskedTextModel`. Its encoder computes every position where the others compute the visible ones.
 */
export class BertModel implements MaskedTokenModel {
  readonly config: BertModelConfig;
  readonly parameters: Parameters;
  readonly encoder: TextEncoder;
  readonly #source: FeatureSource;
  readonly #predictor: TokenPredictor;

  /** Throws an `InputError` on an unknown option, and on sizes that don't fit each other. */
  constructor({ tokenCounts, ...options }: BertModelOptions & TokenStatistics) {
    this.config = parseBertModelConfig(options);
    const { vocabSize, length, encoder, seed } = this.config;
    const random = createRandom(seed);
    this.#source = new MaskedInputFeatures({ ...encoder, vocabSize, length }, this.config, random);
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

  /** `effectiveRank` of the encoder's features of whole rows, near 1 when they collapse. */
  diagnostics(batch: TextBatch): Promise<Record<string, number>> {
    return describeSource(this.#source, batch);
  }

  dispose(): void {
    this.#source.dispose();
    this.#predictor.dispose();
  }
}
