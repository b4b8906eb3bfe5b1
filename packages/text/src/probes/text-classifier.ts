import { InputError } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import {
  collectParameters,
  createRandom,
  dropout,
  Linear,
  softmaxCrossEntropy,
  TransformerStack,
} from '@qb-heat/training';
import type { ForwardContext, PretrainingModel, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TextEncoder } from '../encoders/text-encoder.ts';
import { meanOfTokens } from '../pool-tokens.ts';
import { rowTensors } from '../row-tensors.ts';
import type { PaddedRows } from '../token-rows.ts';
import { standardizeChannels } from './channel-statistics.ts';
import type { ChannelStatistics } from './channel-statistics.ts';
import type { LabelledTextBatch } from './labelled-batches.ts';
import { drawMixture, mix } from './mixup.ts';
import type { Mixture, MixupOptions } from './mixup.ts';

export interface TextClassifierOptions {
  readonly numClasses: number;
  /** `linear`: the mean of the tokens, then a linear map; `tran-1`: one transformer block over the tokens before. */
  readonly head: 'linear' | 'tran-1';
  /** True trains the head alone on the frozen encoder, a probe; false trains both: fine-tuning. */
  readonly isFrozen: boolean;
  /** Of the features of a frozen encoder, which are standardized by them before the head; as they are unless given. */
  readonly statistics?: ChannelStatistics;
  /** Heads of the transformer block; must divide the encoder's channels. Default: one per 64 channels, at least one. */
  readonly numHeads?: number;
  /** Share of the mean feature that is dropped in training. Default 0. */
  readonly dropoutRate?: number;
  /** Trains on mixtures of two texts and of their classes; texts as they are unless given. */
  readonly mixup?: MixupOptions | undefined;
  /** Draws the head's initial weights, dropout and mixtures. */
  readonly seed: number;
}

const evaluationContext: ForwardContext = { training: false, step: 0 };

/**
 * A classifier of texts on a pre-trained encoder, trained with `pretrain` like any model: fine-tuning, the tran-1 probe
 * of QB-Heat (arXiv 2211.13228), or, with an encoder fresh from its seed, supervised training from scratch.
 */
export class TextClassifier implements PretrainingModel<LabelledTextBatch> {
  /** The head's variables, and the encoder's unless it is frozen. */
  readonly parameters: Parameters;
  readonly #encoder: TextEncoder;
  readonly #options: TextClassifierOptions;
  readonly #block: TransformerStack | undefined;
  readonly #classes: Linear;
  readonly #random: Random;

  /**
   * @param encoder is trained in place unless frozen; whoever made it disposes it. Start from a copy to keep it.
   * Throws an `InputError` if a size or option doesn't fit.
   */
  constructor(encoder: TextEncoder, options: TextClassifierOptions) {
    const { dim } = encoder.config;
    const { numClasses, head, isFrozen, numHeads = Math.max(1, Math.floor(dim / 64)), seed, mixup } = options;
    if (!(Number.isInteger(numClasses) && numClasses >= 2)) {
      throw new InputError(`TextClassifier: numClasses must be a whole number of at least 2, got ${numClasses}`);
    }
    if (mixup?.at === 'embeddings' && isFrozen) {
      throw new InputError(
        "TextClassifier: mixup at 'embeddings' is for fine-tuning; mix 'features' of a frozen encoder",
      );
    }
    this.#encoder = encoder;
    this.#options = options;
    this.#random = createRandom(seed).fork('classifier');
    this.#block =
      head === 'tran-1'
        ? new TransformerStack({ dim, depth: 1, numHeads, random: this.#random.fork('block') })
        : undefined;
    this.#classes = new Linear({
      inputDim: dim,
      outputDim: numClasses,
      random: this.#random.fork('classes'),
      initialization: 'truncated-normal',
    });
    this.parameters = collectParameters({
      ...(!isFrozen && { encoder }),
      ...(this.#block && { block: this.#block }),
      classes: this.#classes,
    });
  }

  /** Mean cross-entropy of the batch's classes, of both texts of a mixture by their shares; a float32 scalar. */
  loss(batch: LabelledTextBatch, context: ForwardContext): tf.Scalar {
    const { labels, batchSize } = batch;
    const { mixup } = this.#options;
    return tf.tidy(() => {
      if (mixup === undefined || !context.training) {
        return softmaxCrossEntropy(this.#logits(batch, context), tf.tensor1d(labels, 'int32'));
      }
      const mixture = drawMixture(batchSize, mixup.alpha ?? 0.2, this.#random.fork('mixup').fork(context.step));
      const logits = this.#logits(batch, context, mixture); // [batch, numClasses]
      const others = mixture.partners.map((partner) => labels[partner]!);
      const weights = [mixture.shares, mixture.shares.map((share) => 1 - share)].map((some) => tf.tensor1d(some));
      return softmaxCrossEntropy(
        tf.concat2d([logits, logits], 0),
        tf.tensor1d([...labels, ...others], 'int32'),
        tf.concat1d(weights),
      );
    });
  }

  /** `accuracy`, the share of the batch that is classified rightly. */
  async diagnostics(batch: LabelledTextBatch): Promise<Record<string, number>> {
    const predictions = await this.predict(batch);
    return { accuracy: batch.labels.filter((label, index) => label === predictions[index]).length / batch.batchSize };
  }

  /** The most likely class of each row, int32 `[batch]`. */
  async predict(rows: PaddedRows): Promise<Int32Array> {
    const classes = tf.tidy(() => this.#logits(rows, evaluationContext).argMax(-1));
    const predictions = await classes.data<'int32'>();
    classes.dispose();
    return predictions;
  }

  /** Disposes the head; the encoder belongs to whoever made it. */
  dispose(): void {
    this.#block?.dispose();
    this.#classes.dispose();
  }

  #logits(rows: PaddedRows, context: ForwardContext, mixture?: Mixture): tf.Tensor2D {
    const { isFrozen, statistics, dropoutRate = 0, mixup } = this.#options;
    const { ids, positions, padding: own } = rowTensors(rows);
    let padding = own;
    let vectors = this.#encoder.embed(ids, positions);
    if (mixture && mixup?.at === 'embeddings') {
      vectors = mix(tf.mul(vectors, tf.sub(1, padding).expandDims(2)), mixture);
      padding = tf.minimum(padding, tf.gather(padding, tf.tensor1d(mixture.partners, 'int32')));
    }
    // A frozen encoder is used as in evaluation, without its dropout.
    let features = this.#encoder.transform(vectors, positions, padding, isFrozen ? evaluationContext : context);
    if (statistics) features = standardizeChannels(features, statistics);
    let pooled = meanOfTokens(this.#block?.apply(features, context, { padding }) ?? features, padding); // [batch, dim]
    if (mixture && mixup?.at === 'features') pooled = mix(pooled, mixture);
    if (context.training && dropoutRate > 0) {
      const seed = this.#random.fork('dropout').integer(2 ** 32);
      pooled = dropout(pooled, dropoutRate, { seed, step: context.step });
    }
    return this.#classes.apply(pooled) as tf.Tensor2D; // [batch, numClasses]
  }
}
