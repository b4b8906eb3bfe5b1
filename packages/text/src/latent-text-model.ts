import { gatherMasked } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import { collectParameters, createRandom, Linear } from '@qb-heat/training';
import type { ForwardContext, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { parseBertModelConfig, parseLatentTarget, parseTextModelConfig } from './config.ts';
import type { BertModelOptions, LatentTarget, LatentTargetOptions, TextModelOptions } from './config.ts';
import { copyTextEncoder } from './encoders/create-encoder.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';
import { describeSource, FilledFeatures, MaskedInputFeatures } from './feature-source.ts';
import type { FeatureSource } from './feature-source.ts';
import { rowTensors } from './row-tensors.ts';
import type { TextBatch } from './text-batches.ts';
import { TextDecoder } from './text-decoder.ts';
import { withoutGradient } from './without-gradient.ts';

/** A model of any method, with its target. */
export type LatentTextOptions = (TextModelOptions | BertModelOptions) & { readonly target?: LatentTargetOptions };

const evaluationContext: ForwardContext = { training: false, step: 0 };

/**
 * Pre-training by predicting features in place of tokens: those that a teacher has of the masked tokens when it sees the
 * whole row, each normalised over its channels. The teacher is an exponential moving average of the encoder (data2vec,
 * arXiv 2202.03555, sections 3.2–3.3) or the encoder itself; either way it learns nothing from the loss.
 *
 * Everything up to the decoder is as in `MaskedTextModel`, or as in `BertModel` where a `maskId` stands in the place of a
 * fill. Predicting features alike for all costs the variance of the targets, near 1 at first: where the encoder
 * collapses this falls with the loss, and `diagnostics` shows it.
 */
export class LatentTextModel implements PretrainingModel<TextBatch> {
  readonly target: LatentTarget;
  /** What is trained. */
  readonly parameters: Parameters;
  /** The teacher's own variables, which follow the encoder: a checkpoint has to keep them beside the parameters. */
  readonly state: Parameters;
  /** What is kept after pre-training. */
  readonly encoder: TextEncoder;
  readonly #source: FeatureSource;
  readonly #decoder: TextDecoder;
  readonly #output: Linear;
  readonly #teacher: TextEncoder;
  /** The encoder's values that the teacher followed last: an update puts others in their place. */
  #followed: readonly object[] = [];

  /** Throws an `InputError` on an unknown option, and on sizes that don't fit each other. */
  constructor({ target, ...options }: LatentTextOptions) {
    this.target = parseLatentTarget(target ?? {});
    const config = 'maskId' in options ? parseBertModelConfig(options) : parseTextModelConfig(options);
    const { vocabSize, length, decoder, seed } = config;
    const random = createRandom(seed);
    const encoder = { ...config.encoder, vocabSize, length };
    this.#source =
      'maskId' in config
        ? new MaskedInputFeatures(encoder, config, random)
        : new FilledFeatures(encoder, config.fill, random);
    this.encoder = this.#source.encoder;
    const { dim } = encoder;
    this.#decoder = new TextDecoder({ ...decoder, length, featureDim: dim, random: random.fork('decoder') });
    this.#output = new Linear({ inputDim: dim, outputDim: dim, random: random.fork('output') });
    this.parameters = new Map([
      ...this.#source.parameters,
      ...collectParameters({ decoder: this.#decoder, output: this.#output }),
    ]);
    const isEma = this.target.teacher === 'ema';
    this.#teacher = isEma ? copyTextEncoder(this.encoder) : this.encoder;
    this.state = isEma ? collectParameters({ teacher: this.#teacher }) : new Map();
  }

  /**
   * Mean squared error over the channels of the masked tokens' features, a float32 scalar. In training the teacher follows
   * the encoder first, once an update, however many batches that is made from. The caller disposes it.
   */
  loss(batch: TextBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => {
      if (context.training) this.#follow();
      const { prediction, target } = this.#forward(batch, context);
      const errors = tf.squaredDifference(prediction, target).mean(1); // [batch * numMasked]
      const weights = tf.tensor1d(batch.weights);
      return tf.sum(tf.mul(errors, tf.divNoNan(weights, tf.sum(weights))));
    });
  }

  /**
   * Scalars that show collapse: `targetDeviation`, of the targets' channels over the tokens asked for, falls to 0, as does
   * `effectiveRank` to 1, while `referenceLoss`, what predicting the targets' mean costs, falls with the loss. Also
   * `predictionDeviation`, and what the fill has to tell.
   */
  async diagnostics(batch: TextBatch): Promise<Record<string, number>> {
    const values = tf.tidy(() => {
      const { prediction, target } = this.#forward(batch, evaluationContext);
      const weights = tf.tensor2d(batch.weights, [batch.weights.length, 1]);
      const [ofPrediction, ofTarget] = [prediction, target].map((rows) => weightedVariance(rows, weights)) as [
        tf.Tensor,
        tf.Tensor,
      ];
      return tf.stack([ofTarget.mean(), ofTarget.sqrt().mean(), ofPrediction.sqrt().mean()]);
    });
    const [referenceLoss, targetDeviation, predictionDeviation] = (await values.data()) as unknown as number[];
    values.dispose();
    return {
      referenceLoss: referenceLoss!,
      targetDeviation: targetDeviation!,
      predictionDeviation: predictionDeviation!,
      ...(await describeSource(this.#source, batch)),
    };
  }

  dispose(): void {
    this.#source.dispose();
    this.#decoder.dispose();
    this.#output.dispose();
    if (this.#teacher !== this.encoder) this.#teacher.dispose();
  }

  /** Features of the masked tokens as guessed and as the teacher has them, float32 `[batch * numMasked, dim]` each. */
  #forward(batch: TextBatch, context: ForwardContext): { prediction: tf.Tensor2D; target: tf.Tensor2D } {
    const { ids, positions, padding } = rowTensors(batch);
    const rows = this.#decoder.apply(this.#source.apply(batch, context), batch.visibility, padding, context);
    const target = withoutGradient(() => {
      const features = gatherMasked(this.#teacher.apply(ids, positions, padding), batch.visibility);
      return normalizeRows(features.reshape([-1, features.shape[2]]));
    });
    return { prediction: this.#output.apply(rows) as tf.Tensor2D, target };
  }

  /** teacher ← momentum · teacher + (1 − momentum) · encoder, before the first loss after each update. */
  #follow(): void {
    if (this.target.teacher !== 'ema') return;
    const values = Array.from(this.encoder.parameters.values(), ({ dataId }) => dataId);
    if (values.length === this.#followed.length && values.every((value, index) => value === this.#followed[index])) {
      return;
    }
    this.#followed = values;
    const { momentum } = this.target;
    withoutGradient(() => {
      for (const [path, variable] of this.encoder.parameters) {
        const own = this.#teacher.parameters.get(path)!;
        own.assign(tf.add(tf.mul(own, momentum), tf.mul(variable, 1 - momentum)));
      }
      return tf.scalar(0);
    });
  }
}

/** Σ w (x − mean)² / Σ w of each channel, 0 without any weight. @param weights float32 `[rows, 1]`. */
function weightedVariance(rows: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor {
  return tf.tidy(() => {
    const shares = tf.divNoNan(weights, tf.sum(weights)); // [rows, 1]
    const mean = tf.sum(tf.mul(rows, shares), 0, true); // [1, dim]
    return tf.sum(tf.mul(tf.squaredDifference(rows, mean), shares), 0);
  });
}

/** Rows of mean 0 and variance 1 over their channels. */
function normalizeRows(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(rows, 1, true);
    return tf.mul(tf.sub(rows, mean), tf.rsqrt(tf.add(variance, 1e-6)));
  });
}
