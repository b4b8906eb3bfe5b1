import { setImmediate } from 'node:timers/promises';
import { bucketByLength, padRows, toTokenRow } from './token-rows.ts';
import type { PaddedRows, TokenRow } from './token-rows.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Some texts as rows of one length. */
export interface PaddedTexts {
  /** Which texts: row `i` is text `indices[i]`. */
  readonly indices: readonly number[];
  /** The tokens of each of them. */
  readonly tokens: readonly TokenRow[];
  /** The texts, and behind them rows of no use that fill the batch up. */
  readonly rows: PaddedRows;
}

export interface PadTextsOptions {
  /** Rows at a time, or fewer when fewer texts are of a length. */
  readonly batchSize: number;
  /** Tokens of a text, at most: the rest is cut off. */
  readonly maxLength: number;
  /** Ends the walk between two batches by throwing the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Every text once, the shortest first. Texts of like length stand together in batches of one size, so that a backend that
 * compiles a graph for each shape compiles few.
 */
export async function* padTexts(
  texts: readonly string[],
  tokenizer: TextTokenizer,
  { batchSize, maxLength, signal }: PadTextsOptions,
): AsyncGenerator<PaddedTexts, void> {
  const rows = texts.map((text) => toTokenRow(text, tokenizer, maxLength));
  for (const { length, indices } of bucketByLength(rows, maxLength)) {
    const numRows = Math.min(batchSize, indices.length);
    for (let first = 0; first < indices.length; first += numRows) {
      await setImmediate();
      signal?.throwIfAborted();
      const some = indices.slice(first, first + numRows);
      const tokens = some.map((index) => rows[index]!);
      yield { indices: some, tokens, rows: padRows(tokens, length, tokenizer.special.pad, numRows) };
    }
  }
}
