import * as tf from '@tensorflow/tfjs';
import type { TextEncoder } from './encoders/text-encoder.ts';
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
  const rows = texts.map((text) => encloseTokens(text, tokenizer, maxLength));
  const rowSize = pool === 'mean' ? dim : maxLength * dim;
  const data = new Float32Array(texts.length * rowSize);
  for (const { length, indices } of bucketByLength(rows, maxLength)) {
    const numRows = Math.min(batchSize, indices.length);
    for (let first = 0; first < indices.length; first += numRows) {
      signal?.throwIfAborted();
      const some = indices.slice(first, first + numRows);
      const features = encodeBatch(
        encoder,
        some.map((index) => rows[index]!.ids),
        numRows,
        length,
        tokenizer,
        pool,
      );
      const values = await features.data<'float32'>();
      features.dispose();
      const stride = pool === 'mean' ? dim : length * dim;
      some.forEach((index, place) => data.set(values.subarray(place * stride, (place + 1) * stride), index * rowSize));
    }
  }
  return {
    data,
    shape: pool === 'mean' ? [texts.length, dim] : [texts.length, maxLength, dim],
    numTokens: Int32Array.from(rows, ({ ids }) => ids.length),
    numTruncated: rows.filter(({ isTruncated }) => isTruncated).length,
  };
}

/** A text as the encoder is given it: its tokens between start and end. A text of nothing is a padding token. */
function encloseTokens(text: string, tokenizer: TextTokenizer, length: number) {
  const { special } = tokenizer;
  const [start, end] = [special.start, special.end].map((id) => (id === undefined ? [] : [id])) as [number[], number[]];
  const tokens = tokenizer.encode(text);
  const room = length - start.length - end.length;
  const ids = [...start, ...tokens.slice(0, room), ...end];
  return { ids: ids.length === 0 ? [special.pad] : ids, isTruncated: tokens.length > room };
}

/** Texts by the shortest row that holds them, of 16, 32, 64 … tokens up to the encoder's own. */
function bucketByLength(rows: readonly { readonly ids: readonly number[] }[], maxLength: number) {
  const buckets: { length: number; indices: number[] }[] = [];
  for (let length = 16; length < maxLength; length *= 2) buckets.push({ length, indices: [] });
  buckets.push({ length: maxLength, indices: [] });
  rows.forEach(({ ids }, index) => buckets.find(({ length }) => ids.length <= length)!.indices.push(index));
  return buckets;
}

/** Float32 `[batchSize, dim]` or `[batchSize, length, dim]`; rows beyond the given ones hold nothing of use. */
function encodeBatch(
  encoder: TextEncoder,
  rows: readonly (readonly number[])[],
  batchSize: number,
  length: number,
  { special }: TextTokenizer,
  pool: 'mean' | 'none',
): tf.Tensor {
  const ids = new Int32Array(batchSize * length).fill(special.pad);
  const padding = new Float32Array(batchSize * length).fill(1);
  for (let index = 0; index < batchSize; index++) {
    // Rows to fill up the last batch have one token each: attention over nothing is not a number.
    const row = rows[index] ?? [special.pad];
    ids.set(row, index * length);
    padding.fill(0, index * length, index * length + row.length);
  }
  return tf.tidy(() => {
    const paddingTensor = tf.tensor2d(padding, [batchSize, length]);
    const positions = tf.tensor2d(
      Int32Array.from({ length }, (_, position) => position),
      [1, length],
      'int32',
    );
    const features = encoder.apply(tf.tensor2d(ids, [batchSize, length], 'int32'), positions, paddingTensor);
    const isToken = tf.sub(1, paddingTensor).expandDims<tf.Tensor3D>(2); // [batch, length, 1]
    const tokens = tf.mul(features, isToken);
    return pool === 'none' ? tokens : tf.div(tf.sum(tokens, 1), tf.sum(isToken, 1));
  });
}
