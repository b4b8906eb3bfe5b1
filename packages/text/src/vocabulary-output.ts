import type { Parameters } from '@qb-heat/core';
import type { Embedding, Module } from '@qb-heat/training';
import { disposeParameters } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TokenSampler } from './token-sampler.ts';
import { sampledCrossEntropy, scoreLabels, tiedCrossEntropy } from './vocabulary-loss.ts';

/**
 * The output layer over the vocabulary, `logits = rows · embeddingᵀ + bias`: tied to the token embedding, with a bias that
 * says how often each token comes, whatever the context.
 */
export class VocabularyOutput implements Module {
  /** The bias. The embedding belongs to the encoder. */
  readonly parameters: Parameters;
  readonly #table: tf.Tensor2D;
  readonly #bias: tf.Variable<tf.Rank.R1>;
  readonly #sampler: TokenSampler | undefined;

  /**
   * @param startBias float32 `[vocab]`; zeros unless given.
   * @param sampler draws the wrong tokens of a sampled softmax; all of the vocabulary takes part without it.
   */
  constructor(embedding: Embedding, startBias?: Float32Array, sampler?: TokenSampler) {
    this.#table = embedding.table;
    const [vocab] = embedding.table.shape;
    this.#bias = tf.tidy(() => tf.variable(startBias ? tf.tensor1d(startBias) : tf.zeros<tf.Rank.R1>([vocab])));
    this.#sampler = sampler;
    this.parameters = new Map([['bias', this.#bias]]);
  }

  /** @param rows float32 `[rows, dim]`. @returns float32 `[rows, vocab]`. The caller disposes it. */
  logits(rows: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.matMul(rows, this.#table, false, true).add<tf.Tensor2D>(this.#bias));
  }

  /**
   * Cross-entropy in nats and hit (1 or 0) of each row, over the vocabulary. The caller disposes them.
   *
   * @param rows float32 `[rows, dim]`. @param labels the right tokens, `[rows]`. @returns float32 `[2, rows]`.
   */
  score(rows: tf.Tensor2D, labels: Int32Array): tf.Tensor2D {
    return scoreLabels({ rows, table: this.#table, bias: this.#bias }, labels);
  }

  /**
   * Weighted mean cross-entropy in nats, a float32 scalar: over the vocabulary, or in training step `step` over the
   * tokens that the sampler draws for it, where there is one. The caller disposes it.
   *
   * @param rows float32 `[rows, dim]`. @param labels the right tokens, `[rows]`. @param weights `[rows]`.
   */
  crossEntropy(rows: tf.Tensor2D, labels: Int32Array, weights: Float32Array, step: number | undefined): tf.Scalar {
    return tf.tidy(() => {
      const output = { rows, table: this.#table, bias: this.#bias };
      const targets = { labels: tf.tensor1d(labels, 'int32'), weights: tf.tensor1d(weights) };
      if (this.#sampler === undefined || step === undefined) return tiedCrossEntropy(output, targets);
      return sampledCrossEntropy(output, targets, this.#sampler.draw(labels, step));
    });
  }

  dispose(): void {
    disposeParameters(this);
  }
}
