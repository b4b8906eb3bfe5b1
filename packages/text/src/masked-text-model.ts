import { createFill, InputError, maskedIndices, visibleIndices } from '@qb-heat/core';
import type { Fill, Parameters } from '@qb-heat/core';
import { collectParameters, createRandom, softmaxCrossEntropy } from '@qb-heat/training';
import type { ForwardContext, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TextModelConfig, TextModelOptions } from './config.ts';
import { parseTextModelConfig } from './config.ts';
import { createTextEncoder } from './encoders/create-encoder.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';
import type { TextBatch } from './text-batches.ts';
import { TextDecoder } from './text-decoder.ts';

/** A model that guesses masked tokens; the baselines are compared by this alone. */
export interface MaskedTokenModel extends PretrainingModel<TextBatch> {
  /** What is kept after pre-training. */
  readonly encoder: TextEncoder;
  /** Vocabulary logits of the masked positions, float32 `[batch * numMasked, vocab]`. The caller disposes them. */
  logits(batch: TextBatch, context: ForwardContext): tf.Tensor2D;
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
  readonly fill: Fill;
  readonly #decoder: TextDecoder;

  /** Throws an `InputError` on an unknown option or fill, and on sizes that don't fit each other. */
  constructor(options: TextModelOptions) {
    this.config = parseTextModelConfig(options);
    const { vocabSize, length, encoder, decoder, fill, seed } = this.config;
    const random = createRandom(seed);
    const grid = { height: 1, width: length };
    // First, for it checks its options: nothing is held yet that would have to be disposed.
    this.fill = createFill(fill, { dim: encoder.dim, grid, seed: random.fork('fill').integer(2 ** 31) });
    this.encoder = createTextEncoder({ ...encoder, vocabSize, length }, random.fork('encoder'));
    this.#decoder = new TextDecoder({
      ...decoder,
      length,
      featureDim: encoder.dim,
      embedding: this.encoder.embedding,
      random: random.fork('decoder'),
    });
    this.parameters = collectParameters({ encoder: this.encoder, fill: this.fill, decoder: this.#decoder });
  }

  logits(batch: TextBatch, context: ForwardContext): tf.Tensor2D {
    return tf.tidy(() => {
      const { visibility } = batch;
      if (!this.encoder.takesGaps && visibility.kind === 'scattered') {
        throw new InputError(
          "MaskedTextModel: a 'convnet' encoder sees neighbouring tokens, and this mask leaves gaps between the visible " +
            "ones; mask all but a window, or take a 'transformer'",
        );
      }
      const { ids, positions, visiblePadding, padding } = visibleTensors(batch);
      const features = this.encoder.apply(ids, positions, visiblePadding, context); // [batch, numVisible, dim]
      const filled = this.fill.apply(features, visibility); // [batch, length, dim]
      return this.#decoder.apply(filled, visibility, padding, context); // [batch * numMasked, vocab]
    });
  }

  /** Mean cross-entropy over the masked tokens in nats, a float32 scalar. The caller disposes it. */
  loss(batch: TextBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => maskedCrossEntropy(this.logits(batch, context), batch));
  }

  /** What the fill has to tell, such as the spectral radius of its operators. */
  diagnostics(): Promise<Record<string, number>> {
    return this.fill.diagnostics();
  }

  dispose(): void {
    this.encoder.dispose();
    this.fill.dispose();
    this.#decoder.dispose();
  }
}

/** Cross-entropy of logits at a batch's masked positions, averaged over those that are asked for. */
export function maskedCrossEntropy(logits: tf.Tensor2D, batch: TextBatch): tf.Scalar {
  return softmaxCrossEntropy(logits, tf.tensor1d(maskedIds(batch), 'int32'), tf.tensor1d(batch.weights));
}

/** The hidden tokens, int32 `[batch * numMasked]`. */
export function maskedIds({ ids, length, visibility, batchSize }: TextBatch): Int32Array {
  const columns = maskedIndices(visibility);
  return takeColumns(ids, columns, length, columns.length / batchSize);
}

/** What the encoder is given: the visible tokens with their places, `[batch, numVisible]` each, and where padding is. */
function visibleTensors({ ids, length, visibility, padding, batchSize }: TextBatch) {
  const columns = visibleIndices(visibility);
  const numVisible = columns.length / batchSize;
  const shape: [number, number] = [batchSize, numVisible];
  return {
    ids: tf.tensor2d(takeColumns(ids, columns, length, numVisible), shape, 'int32'),
    positions: tf.tensor2d(columns, shape, 'int32'),
    visiblePadding: padding && tf.tensor2d(takeColumns(padding, columns, length, numVisible), shape),
    padding: padding && tf.tensor2d(padding, [batchSize, length]),
  };
}

/** From `[batch, length]` values those at `count` columns of each row, `[batch, count]`. */
function takeColumns<T extends Int32Array | Float32Array>(
  values: T,
  columns: Int32Array,
  length: number,
  count: number,
): T {
  const taken = values.slice(0, columns.length) as T;
  columns.forEach((column, index) => {
    taken[index] = values[Math.floor(index / count) * length + column]!;
  });
  return taken;
}
