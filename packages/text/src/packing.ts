import { InputError } from '@qb-heat/core';
import type { TextTokenizer } from './tokenizer.ts';

export interface PackOptions {
  /** Tokens of a row, the special ones included. */
  readonly length: number;
  /**
   * True, the default: texts follow one another through the rows, so that no place is empty. False: each row holds one
   * text or a piece of it, and is padded.
   */
  readonly crossTexts?: boolean;
}

/** A corpus as rows of token ids, all of one length. */
export interface PackedText {
  readonly length: number;
  readonly numRows: number;
  /** int32 `[numRows, length]`. */
  readonly ids: Int32Array;
  readonly padId: number;
  /** True when any row is padded. */
  readonly isPadded: boolean;
  /** Tokens of text in the rows, special tokens not counted. */
  readonly numTokens: number;
  /** How many of them the vocabulary doesn't know. */
  readonly numUnknown: number;
}

/**
 * Packs texts into rows of fixed length, one after the other as they come. A row begins with the tokenizer's start
 * token, a text ends with its end token, where it has them; a text that is longer than the row goes on in the next.
 * With `crossTexts` the incomplete last row is left out, unless it is the only one.
 *
 * Throws an `InputError` when the texts hold no token, or none that the vocabulary knows.
 */
export async function packTexts(
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: TextTokenizer,
  { length, crossTexts = true }: PackOptions,
): Promise<PackedText> {
  if (!Number.isInteger(length) || length < 4) {
    throw new InputError(`packTexts: length must be a whole number of at least 4, got ${length}`);
  }
  const { special } = tokenizer;
  const rows = new RowWriter(length, special.pad, special.start);
  let numTokens = 0;
  let numUnknown = 0;
  for await (const text of texts) {
    const ids = tokenizer.encode(text);
    if (ids.length === 0) continue;
    numTokens += ids.length;
    for (const id of ids) {
      rows.write(id);
      if (id === special.unknown) numUnknown++;
    }
    if (special.end !== undefined) rows.write(special.end);
    if (!crossTexts) rows.pad();
  }
  if (numTokens === 0) throw new InputError('packTexts: the texts hold no token');
  if (numTokens === numUnknown) {
    throw new InputError(`packTexts: tokenizer ${tokenizer.name} knows none of the ${numTokens} tokens of the texts`);
  }
  return { length, padId: special.pad, numTokens, numUnknown, ...rows.finish(!crossTexts) };
}

/**
 * How often each token stands in some rows, int32 `[vocabSize]`: what models take as `tokenCounts`. Special tokens, which
 * are never asked for, count as absent.
 */
export function countTokens(
  { ids }: Pick<PackedText, 'ids'>,
  { vocabSize, specialIds }: Pick<TextTokenizer, 'vocabSize' | 'specialIds'>,
): Int32Array {
  const counts = new Int32Array(vocabSize);
  for (const id of ids) if (!specialIds.has(id)) counts[id]!++;
  return counts;
}

/** Rows in one array that grows by doubling. */
class RowWriter {
  readonly #length: number;
  readonly #padId: number;
  readonly #startId: number | undefined;
  #ids: Int32Array;
  #size = 0;
  #isPadded = false;

  constructor(length: number, padId: number, startId: number | undefined) {
    this.#length = length;
    this.#padId = padId;
    this.#startId = startId;
    this.#ids = new Int32Array(256 * length);
  }

  write(id: number): void {
    if (this.#startId !== undefined && this.#size % this.#length === 0) this.#append(this.#startId);
    this.#append(id);
  }

  pad(): void {
    while (this.#size % this.#length !== 0) {
      this.#append(this.#padId);
      this.#isPadded = true;
    }
  }

  finish(keepLastRow: boolean): Pick<PackedText, 'ids' | 'numRows' | 'isPadded'> {
    if (keepLastRow || this.#size < this.#length) this.pad();
    const numRows = Math.floor(this.#size / this.#length);
    return { ids: this.#ids.slice(0, numRows * this.#length), numRows, isPadded: this.#isPadded };
  }

  #append(id: number): void {
    if (this.#size === this.#ids.length) {
      const larger = new Int32Array(2 * this.#size);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#size++] = id;
  }
}
