import * as tf from '@tensorflow/tfjs';
import type { TextEncoder } from '../encoders/text-encoder.ts';
import { rowTensors } from '../row-tensors.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { padTexts } from '../padded-texts.ts';
import type { PadTextsOptions } from '../padded-texts.ts';

/** What an encoder's features are standardized by, float32 `[dim]` each. */
export interface ChannelStatistics {
  readonly mean: Float32Array;
  /** 1 / √(variance + ε). */
  readonly scale: Float32Array;
}

/** Added to the variance, as the probes of images do and MAE's linear probe. */
const epsilon = 1e-6;

/**
 * Mean and variance of each channel over all tokens of the texts, start and end included, padding left out. Summed in
 * float64 and in a fixed order, so that equal features give equal statistics on every backend.
 */
export async function measureChannels(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  texts: readonly string[],
  options: PadTextsOptions,
): Promise<ChannelStatistics> {
  const { dim } = encoder.config;
  const mean = new Float64Array(dim);
  const squares = new Float64Array(dim); // sums of squared deviations from the mean
  let numTokens = 0;
  for await (const { indices, rows } of padTexts(texts, tokenizer, options)) {
    const features = tf.tidy(() => {
      const { ids, positions, padding } = rowTensors(rows);
      return encoder.apply(ids, positions, padding);
    });
    const values = await features.data<'float32'>(); // [batch, length, dim]
    features.dispose();
    for (let place = 0; place < indices.length * rows.length; place++) {
      if (rows.padding[place] === 1) continue;
      numTokens++;
      // Welford's update: one pass over any number of texts, and nothing cancels when the mean is large.
      for (let channel = 0; channel < dim; channel++) {
        const value = values[place * dim + channel]!;
        const deviation = value - mean[channel]!;
        mean[channel]! += deviation / numTokens;
        squares[channel]! += deviation * (value - mean[channel]!);
      }
    }
  }
  const scale = squares.map((sum) => 1 / Math.sqrt(sum / numTokens + epsilon));
  return { mean: Float32Array.from(mean), scale: Float32Array.from(scale) };
}

/**
 * (features − mean) · scale: batch normalization without affine terms.
 *
 * @param features float32 `[batch, length, dim]`. The caller disposes the result, of the same shape.
 */
export function standardizeChannels(features: tf.Tensor3D, { mean, scale }: ChannelStatistics): tf.Tensor3D {
  return tf.tidy(() => tf.mul(tf.sub(features, tf.tensor1d(mean)), tf.tensor1d(scale)));
}
