import { maskedIndices } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import { collectParameters, createRandom } from '@qb-heat/training';
import type { ForwardContext, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { BertModelConfig, BertModelOptions } from './config.ts';
import { parseBertModelConfig } from './config.ts';
import { createTextEncoder } from './encoders/create-encoder.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';
import { maskedCrossEntropy } from './masked-text-model.ts';
import type { MaskedTokenModel } from './masked-text-model.ts';
import type { TextBatch } from './text-batches.ts';
import { TextDecoder } from './text-decoder.ts';

/**
 * The baseline with `[MASK]` in the encoder: BERT's masked language model (arXiv 1810.04805, section 3.1), on the
 * encoder and decoder of `MaskedTextModel`. Its encoder computes every position where the others compute the visible ones.
 */
export class BertModel implements MaskedTokenModel {
  readonly config: BertModelConfig;
  readonly parameters: Parameters;
  readonly encoder: TextEncoder;
  readonly #decoder: TextDecoder;
  readonly #noise: Random;

  /** Throws an `InputError` on an unknown option, and on sizes that don't fit each other. */
  constructor(options: BertModelOptions) {
    this.config = parseBertModelConfig(options);
    const { vocabSize, length, encoder, decoder, seed } = this.config;
    const random = createRandom(seed);
    this.#noise = random.fork('replacements');
    this.encoder = createTextEncoder({ ...encoder, vocabSize, length }, random.fork('encoder'));
    this.#decoder = new TextDecoder({
      ...decoder,
      length,
      featureDim: encoder.dim,
      embedding: this.encoder.embedding,
      random: random.fork('decoder'),
    });
    this.parameters = collectParameters({ encoder: this.encoder, decoder: this.#decoder });
  }

  logits(batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => {
      const { batchSize, length, visibility } = batch;
      // A frozen model is asked about [MASK] alone.
      const rule = { ...this.config, keepSome: this.config.keepSome && context.training };
      const replaced = replaceMasked(batch, rule, this.#noise.fork(context.step));
      const ids = tf.tensor2d(replaced, [batchSize, length], 'int32');
      const positions = tf.tensor2d(
        Int32Array.from({ length }, (_, position) => position),
        [1, length],
        'int32',
      );
      const padding = batch.padding && tf.tensor2d(batch.padding, [batchSize, length]);
      const features = this.encoder.apply(ids, positions, padding, context); // [batch, length, dim]
      return this.#decoder.apply(features, visibility, padding, context); // [batch * numMasked, vocab]
    });
  }

  /** Mean cross-entropy over the masked tokens in nats, a float32 scalar. The caller disposes it. */
  loss(batch: TextBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => maskedCrossEntropy(this.logits(batch, context), batch));
  }

  diagnostics(): Promise<Record<string, number>> {
    return Promise.resolve({});
  }

  dispose(): void {
    this.encoder.dispose();
    this.#decoder.dispose();
  }
}

/**
 * The rows without what is hidden of them: hidden tokens become `[MASK]`, or with `keepSome` 80 % of them do, 10 % a
 * random token, and 10 % stay. Padding stays padding.
 *
 * @returns int32 `[batch, length]`.
 */
export function replaceMasked(
  { ids, padding, length, visibility, batchSize }: TextBatch,
  { maskId, vocabSize, keepSome }: Pick<BertModelConfig, 'maskId' | 'vocabSize' | 'keepSome'>,
  random: Random,
): Int32Array {
  const columns = maskedIndices(visibility);
  const numMasked = columns.length / batchSize;
  const replaced = ids.slice();
  columns.forEach((column, index) => {
    const place = Math.floor(index / numMasked) * length + column;
    if (padding?.[place] === 1) return;
    const draw = keepSome ? random.uniform() : 0;
    if (draw < 0.8) replaced[place] = maskId;
    else if (draw < 0.9) replaced[place] = random.integer(vocabSize);
  });
  return replaced;
}
