import type { TextTokenizer } from './tokenizer.ts';

/** A text as an encoder is given it. */
export interface TokenRow {
  /** Its tokens between start and end; a padding token where it has none. */
  readonly ids: readonly number[];
  /** True when it was longer than the row and its end is cut off. */
  readonly isTruncated: boolean;
}

/** Tokens of a text between start and end, no more than `length`. */
export function toTokenRow(text: string, tokenizer: TextTokenizer, length: number): TokenRow {
  const { special } = tokenizer;
  const [start, end] = [special.start, special.end].map((id) => (id === undefined ? [] : [id])) as [number[], number[]];
  const tokens = tokenizer.encode(text);
  const room = length - start.length - end.length;
  const ids = [...start, ...tokens.slice(0, room), ...end];
  return { ids: ids.length === 0 ? [special.pad] : ids, isTruncated: tokens.length > room };
}

/** Indices of rows that are padded to one length. */
export interface Bucket {
  readonly length: number;
  readonly indices: number[];
}

/**
 * Rows by the shortest length that holds them, of 16, 32, 64 … tokens up to `maxLength`: little is spent on padding, and
 * a backend that compiles a graph for each shape compiles few.
 */
export function bucketByLength(rows: readonly Pick<TokenRow, 'ids'>[], maxLength: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (let length = 16; length < maxLength; length *= 2) buckets.push({ length, indices: [] });
  buckets.push({ length: maxLength, indices: [] });
  rows.forEach(({ ids }, index) => buckets.find(({ length }) => ids.length <= length)!.indices.push(index));
  return buckets;
}

/** Some rows as whole ones of a length. */
export interface PaddedRows {
  readonly batchSize: number;
  readonly length: number;
  /** int32 `[batch, length]`. */
  readonly ids: Int32Array;
  /** 1 at padding, float32 `[batch, length]`. */
  readonly padding: Float32Array;
}

/**
 * Pads rows to a length.
 *
 * @param batchSize rows in all; those beyond the given ones hold one padding token and nothing of use.
 */
export function padRows(
  rows: readonly Pick<TokenRow, 'ids'>[],
  length: number,
  padId: number,
  batchSize = rows.length,
): PaddedRows {
  const ids = new Int32Array(batchSize * length).fill(padId);
  const padding = new Float32Array(batchSize * length).fill(1);
  for (let index = 0; index < batchSize; index++) {
    // Rows to fill up a batch have one token each: attention over nothing is not a number.
    const row = rows[index]?.ids ?? [padId];
    ids.set(row, index * length);
    padding.fill(0, index * length, index * length + row.length);
  }
  return { batchSize, length, ids, padding };
}
