import { createFill, effectiveRank, InputError, visibleIndices } from '@qb-heat/core';
import type { Fill, FillName, FillSpec, Parameters } from '@qb-heat/core';
import { collectParameters } from '@qb-heat/training';
import type { ForwardContext, Module, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { createTextEncoder } from './encoders/create-encoder.ts';
import type { TextEncoder, TextEncoderConfig } from './encoders/text-encoder.ts';
import { replaceMasked } from './replace-masked.ts';
import type { ReplacementRule } from './replace-masked.ts';
import { meanOfTokens } from './pool-tokens.ts';
import { rowTensors, takeColumns } from './row-tensors.ts';
import type { TextBatch } from './text-batches.ts';

/** Makes features of every position of a row from what may be seen of it: where the models that are compared differ. */
export interface FeatureSource extends Module {
  readonly encoder: TextEncoder;
  /** Float32 `[batch, length, dim]`. The caller disposes it. */
  apply(batch: TextBatch, context: ForwardContext): tf.Tensor3D;
  /** Scalars worth logging. @param featureMap features of whole rows, float32 `[batch, 1, length, dim]`. */
  diagnostics(featureMap: tf.Tensor4D): Promise<Record<string, number>>;
}

/** The encoder sees the visible tokens alone; a fill gives features to the others. */
export class FilledFeatures implements FeatureSource {
  readonly encoder: TextEncoder;
  readonly parameters: Parameters;
  readonly #fill: Fill;

  /** @param random of the model. Throws an `InputError` on a fill that doesn't exist or doesn't suit the encoder. */
  constructor(encoder: TextEncoderConfig, fill: FillName | FillSpec, random: Random) {
    const { dim, length } = encoder;
    // First, for it checks its options: nothing is held yet that would have to be disposed.
    const context = { dim, grid: { height: 1, width: length }, seed: random.fork('fill').integer(2 ** 31) };
    this.#fill = createFill(fill, context);
    this.encoder = createTextEncoder(encoder, random.fork('encoder'));
    this.parameters = collectParameters({ encoder: this.encoder, fill: this.#fill });
  }

  apply(batch: TextBatch, context: ForwardContext): tf.Tensor3D {
    const { visibility } = batch;
    if (!this.encoder.takesGaps && visibility.kind === 'scattered') {
      throw new InputError(
        "a 'convnet' encoder sees neighbouring tokens, and this mask leaves gaps between the visible ones; mask all but " +
          "a window, or take a 'transformer'",
      );
    }
    return tf.tidy(() => {
      const { ids, positions, padding } = visibleTensors(batch);
      const features = this.encoder.apply(ids, positions, padding, context); // [batch, numVisible, dim]
      return this.#fill.apply(padding ? coverPadding(features, padding) : features, visibility); // [batch, length, dim]
    });
  }

  diagnostics(featureMap: tf.Tensor4D): Promise<Record<string, number>> {
    return this.#fill.diagnostics(featureMap);
  }

  dispose(): void {
    this.encoder.dispose();
    this.#fill.dispose();
  }
}

/** The encoder sees every position, `[MASK]` in the place of the hidden tokens. */
export class MaskedInputFeatures implements FeatureSource {
  readonly encoder: TextEncoder;
  readonly parameters: Parameters;
  readonly #rule: ReplacementRule;
  readonly #noise: Random;

  /** @param random of the model. */
  constructor(encoder: TextEncoderConfig, rule: ReplacementRule, random: Random) {
    this.#rule = rule;
    this.#noise = random.fork('replacements');
    this.encoder = createTextEncoder(encoder, random.fork('encoder'));
    this.parameters = collectParameters({ encoder: this.encoder });
  }

  apply(batch: TextBatch, context: ForwardContext): tf.Tensor3D {
    return tf.tidy(() => {
      // A frozen model is asked about [MASK] alone.
      const rule = { ...this.#rule, keepSome: this.#rule.keepSome && context.training };
      const replaced = replaceMasked(batch, rule, this.#noise.fork(context.step));
      const { ids, positions, padding } = rowTensors(batch, replaced);
      return this.encoder.apply(ids, positions, padding, context);
    });
  }

  diagnostics(): Promise<Record<string, number>> {
    return Promise.resolve({});
  }

  dispose(): void {
    this.encoder.dispose();
  }
}

/**
 * What to log of any source: the effective rank of the encoder's features of whole rows, near 1 when they collapse, and
 * the source's own, such as how far these features are from obeying the fill's operators. Padding is left out of the rank
 * alone: an operator's residual is over neighbours in whole rows.
 */
export async function describeSource(source: FeatureSource, batch: TextBatch): Promise<Record<string, number>> {
  const { dim } = source.encoder.config;
  const map = tf.tidy(() => {
    const { ids, positions, padding } = rowTensors(batch);
    return source.encoder.apply(ids, positions, padding).expandDims<tf.Tensor4D>(1); // [batch, 1, length, dim]
  });
  const features = tf.tidy(() => takeTokens(map.reshape([-1, dim]), batch.padding)); // [numTokens, dim]
  try {
    return { effectiveRank: await effectiveRank(features), ...(await source.diagnostics(map)) };
  } finally {
    tf.dispose([map, features]);
  }
}

/** The rows that are not padding. @param features float32 `[batch * length, dim]`. */
function takeTokens(features: tf.Tensor2D, padding: Float32Array | undefined): tf.Tensor2D {
  if (padding === undefined) return features;
  const places = Int32Array.from(padding.keys()).filter((place) => padding[place] === 0);
  return tf.gather(features, tf.tensor1d(places, 'int32'));
}

/**
 * Features with the mean of a row's tokens at its padding, so that the mean of all is that of the text. The other fills
 * take nothing from padding: masks keep a visible token between it and what is hidden.
 */
function coverPadding(features: tf.Tensor3D, padding: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const isPadding = padding.expandDims<tf.Tensor3D>(2); // [batch, numVisible, 1]
    const mean = meanOfTokens(features, padding).expandDims<tf.Tensor3D>(1); // [batch, 1, dim]
    return tf.add<tf.Tensor3D>(tf.mul(features, tf.sub(1, isPadding)), tf.mul(mean, isPadding));
  });
}

/** The visible tokens with their places, int32 `[batch, numVisible]` each, and where padding is among them. */
function visibleTensors(batch: TextBatch) {
  const { ids, length, visibility, padding, batchSize } = batch;
  const columns = visibleIndices(visibility);
  const numVisible = columns.length / batchSize;
  const shape: [number, number] = [batchSize, numVisible];
  return {
    ids: tf.tensor2d(takeColumns(ids, columns, length, numVisible), shape, 'int32'),
    positions: tf.tensor2d(columns, shape, 'int32'),
    padding: padding && tf.tensor2d(takeColumns(padding, columns, length, numVisible), shape),
  };
}
