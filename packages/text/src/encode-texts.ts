import * as tf from '@tensorflow/tfjs';
import type { TextEncoder } from './encoders/text-encoder.ts';
import { padTexts } from './padded-texts.ts';
import { meanOfTokens } from './pool-tokens.ts';
import { rowTensors } from './row-tensors.ts';
import type { PaddedRows } from './token-rows.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface EncodeTextsOptions {
  /** Texts encoded at a time; bounds the memory. Default 128. */
  readonly batchSize?: number;
  /** `mean` over the tokens of a text, start and end included (default), or `none`: every token's features. */
  readonly pool?: 'mean' | 'none';
  /** Stops after the batch under way by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Features of many texts, in memory. */
export interface TextFeatures {
  /** Row-major. */
  readonly data: Float32Array;
  /** `[numTexts, dim]`, or `[numTexts, length, dim]` of every token, zero where there is none. */
  readonly shape: readonly number[];
  /** Tokens of each text, start and end included, int32 `[numTexts]`. */
  readonly numTokens: Int32Array;
  /** Texts of which the end was cut off, because they are longer than the encoder's row. */
  readonly numTruncated: number;
}

/**
 * Features of full texts from a frozen encoder, for probes. Texts of like length are encoded together, in rows of a few
 * fixed lengths, so that little is spent on padding and a compiling backend compiles few graphs.
 */
export async function encodeTexts(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  texts: readonly string[],
  options: EncodeTextsOptions = {},
): Promise<TextFeatures> {
  const { batchSize = 128, pool = 'mean', signal } = options;
  const { dim, length: maxLength } = encoder.config;
  const rowSize = pool === 'mean' ? dim : maxLength * dim;
  const data = new Float32Array(texts.length * rowSize);
  const numTokens = new Int32Array(texts.length);
  let numTruncated = 0;
  for await (const { indices, tokens, rows } of padTexts(texts, tokenizer, { batchSize, maxLength, signal })) {
    const features = encodeRows(encoder, rows, pool);
    const values = await features.data<'float32'>();
    features.dispose();
    const stride = pool === 'mean' ? dim : rows.length * dim;
    indices.forEach((index, place) => {
      data.set(values.subarray(place * stride, (place + 1) * stride), index * rowSize);
      const { ids, isTruncated } = tokens[place]!;
      numTokens[index] = ids.length;
      if (isTruncated) numTruncated++;
    });
  }
  return {
    data,
    shape: pool === 'mean' ? [texts.length, dim] : [texts.length, maxLength, dim],
    numTokens,
    numTruncated,
  };
}

/** Float32 `[batch, dim]` or `[batch, length, dim]`. */
function encodeRows(encoder: TextEncoder, rows: PaddedRows, pool: 'mean' | 'none'): tf.Tensor {
  return tf.tidy(() => {
    const { ids, positions, padding } = rowTensors(rows);
    const features = encoder.apply(ids, positions, padding);
    return pool === 'mean' ? meanOfTokens(features, padding) : tf.mul(features, tf.sub(1, padding).expandDims(2));
  });
}
