import { InputError } from '@qb-heat/core';
import type { TextTokenizer } from './tokenizer.ts';

export interface RowOptions {
  /** Tokens of a row, the special ones included. */
  readonly length: number;
  /**
   * True, the default: texts follow one another through the rows, so that no place is empty. False: each row holds one
   * text or a piece of it, and is padded.
   */
  readonly crossTexts?: boolean;
}

/** What the texts came to. */
interface PackStatistics {
  /** Tokens of text in the rows, special tokens not counted. */
  readonly numTokens: number;
  /** How many of them the vocabulary doesn't know. */
  readonly numUnknown: number;
}

/** What is known of rows wherever they are. */
export interface RowsDescription extends PackStatistics {
  readonly length: number;
  readonly numRows: number;
  readonly padId: number;
  /** What every row begins with; `undefined` where rows begin with text. */
  readonly startId: number | undefined;
  /** True when any row is padded. */
  readonly isPadded: boolean;
}

/** How far the packing of a corpus is. */
export interface PackProgress {
  readonly numTexts: number;
  readonly numTokens: number;
  readonly tokensPerSecond: number;
}

const progressEveryMs = 1000;

/**
 * Cuts texts into rows as `packTexts` does, and hands each row over as soon as it is full; `take` must copy it, for the
 * next row is written into the same array. A text is let go before the next is asked for.
 *
 * Throws an `InputError` when the texts hold no token, or none that the vocabulary knows.
 */
export async function packRows(
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: TextTokenizer,
  options: RowOptions & { readonly onProgress?: ((progress: PackProgress) => void) | undefined },
  take: (row: Int32Array) => void,
): Promise<RowsDescription> {
  const { length, crossTexts = true, onProgress } = options;
  if (!Number.isInteger(length) || length < 4) {
    throw new InputError(`packTexts: length must be a whole number of at least 4, got ${length}`);
  }
  const { special } = tokenizer;
  const rows = new RowWriter(length, special.pad, special.start, take);
  const counts = { numTexts: 0, numTokens: 0, numUnknown: 0 };
  const startMs = performance.now();
  let reportedMs = startMs;
  const report = (nowMs: number): void => {
    reportedMs = nowMs;
    const { numTexts, numTokens } = counts;
    onProgress?.({ numTexts, numTokens, tokensPerSecond: (1000 * numTokens) / Math.max(nowMs - startMs, 1e-3) });
  };
  for await (const text of texts) {
    const ids = tokenizer.encode(text);
    counts.numTexts++;
    if (ids.length === 0) continue;
    counts.numTokens += ids.length;
    for (const id of ids) {
      if (id === special.unknown) counts.numUnknown++;
      rows.write(id);
    }
    if (special.end !== undefined) rows.write(special.end);
    if (!crossTexts) rows.pad();
    if (performance.now() - reportedMs >= progressEveryMs) report(performance.now());
  }
  const { numTokens, numUnknown } = counts;
  if (numTokens === 0) throw new InputError('packTexts: the texts hold no token');
  if (numTokens === numUnknown) {
    throw new InputError(`packTexts: tokenizer ${tokenizer.name} knows none of the ${numTokens} tokens of the texts`);
  }
  const { numRows, isPadded } = rows.finish(!crossTexts);
  report(performance.now());
  return { length, padId: special.pad, startId: special.start, numTokens, numUnknown, numRows, isPadded };
}

/** Writes rows, one at a time. */
class RowWriter {
  readonly #padId: number;
  readonly #startId: number | undefined;
  readonly #take: (row: Int32Array) => void;
  readonly #row: Int32Array;
  #size = 0;
  #numRows = 0;
  #isPadded = false;

  constructor(length: number, padId: number, startId: number | undefined, take: (row: Int32Array) => void) {
    this.#row = new Int32Array(length);
    this.#padId = padId;
    this.#startId = startId;
    this.#take = take;
  }

  write(id: number): void {
    if (this.#startId !== undefined && this.#size === 0) this.#append(this.#startId);
    this.#append(id);
  }

  pad(): void {
    while (this.#size !== 0) {
      this.#isPadded = true;
      this.#append(this.#padId);
    }
  }

  finish(keepLastRow: boolean): { numRows: number; isPadded: boolean } {
    if (keepLastRow || this.#numRows === 0) this.pad();
    return { numRows: this.#numRows, isPadded: this.#isPadded };
  }

  #append(id: number): void {
    this.#row[this.#size++] = id;
    if (this.#size < this.#row.length) return;
    this.#size = 0;
    this.#numRows++;
    this.#take(this.#row);
  }
}
