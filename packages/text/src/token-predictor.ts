import type { Parameters } from '@qb-heat/core';
import { collectParameters } from '@qb-heat/training';
import type { ForwardContext, Module, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { SizeConfig } from './config.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';
import { maskedIds, rowTensors } from './row-tensors.ts';
import type { TextBatch } from './text-batches.ts';
import { TextDecoder } from './text-decoder.ts';
import { tokenFrequencies } from './token-frequencies.ts';
import { TokenSampler } from './token-sampler.ts';
import { VocabularyOutput } from './vocabulary-output.ts';

/** What is known of the text before training. */
export interface TokenStatistics {
  /**
   * How often each token comes in the training text, `[vocab]`, as `countTokens` says. The output layer then starts from
   * how common each word is in place of learning it, and a sampled softmax draws by it; equal for all tokens unless given.
   */
  readonly tokenCounts?: ArrayLike<number> | undefined;
}

/** From features of all positions to guesses of the masked tokens: the decoder and the output layer. */
export class TokenPredictor implements Module {
  readonly parameters: Parameters;
  readonly #decoder: TextDecoder;
  readonly #output: VocabularyOutput;

  /** @param random of the model. Throws an `InputError` on counts that don't fit the vocabulary. */
  constructor(
    { decoder, length, vocabSize, numSampled }: SizeConfig,
    encoder: TextEncoder,
    { tokenCounts }: TokenStatistics,
    random: Random,
  ) {
    const frequencies = tokenFrequencies(tokenCounts ?? new Uint8Array(vocabSize), vocabSize);
    const sampler =
      numSampled === undefined ? undefined : new TokenSampler(frequencies, numSampled, random.fork('wrong tokens'));
    const logarithms = Float32Array.from(frequencies, Math.log);
    this.#output = new VocabularyOutput(encoder.embedding, tokenCounts && logarithms, sampler);
    this.#decoder = new TextDecoder({
      ...decoder,
      length,
      featureDim: encoder.config.dim,
      random: random.fork('decoder'),
    });
    this.parameters = collectParameters({ decoder: this.#decoder, output: this.#output });
  }

  /** Vocabulary logits of the masked positions, float32 `[batch * numMasked, vocab]`. The caller disposes them. */
  logits(features: tf.Tensor3D, batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => this.#output.logits(this.#decode(features, batch, context)));
  }

  /** Cross-entropy in nats and hit (1 or 0) of the masked tokens, float32 `[2, batch * numMasked]`. The caller disposes it. */
  score(features: tf.Tensor3D, batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => this.#output.score(this.#decode(features, batch, context), maskedIds(batch)));
  }

  /** Mean cross-entropy over the masked tokens in nats, a float32 scalar. The caller disposes it. */
  loss(features: tf.Tensor3D, batch: TextBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => {
      const rows = this.#decode(features, batch, context); // [batch * numMasked, dim]
      return this.#output.crossEntropy(
        rows,
        maskedIds(batch),
        batch.weights,
        context.training ? context.step : undefined,
      );
    });
  }

  dispose(): void {
    this.#decoder.dispose();
    this.#output.dispose();
  }

  #decode(features: tf.Tensor3D, batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return this.#decoder.apply(features, batch.visibility, rowTensors(batch).padding, context);
  }
}
