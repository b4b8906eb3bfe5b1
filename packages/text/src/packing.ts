import type { PackProgress, RowOptions, RowsDescription } from './row-packer.ts';
import { packRows } from './row-packer.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface PackOptions extends RowOptions {
  /** Told once a second, and at the end, how far it is. */
  readonly onProgress?: (progress: PackProgress) => void;
}

/** A corpus as rows of token ids, all of one length. */
export interface PackedText extends RowsDescription {
  /** int32 `[numRows, length]`. */
  readonly ids: Int32Array;
}

/**
 * Packs texts into rows of fixed length, one after the other as they come. A row begins with the tokenizer's start
 * token, a text ends with its end token, where it has them; a text that is longer than the row goes on in the next.
 * With `crossTexts` the incomplete last row is left out, unless it is the only one.
 *
 * The rows are held in memory, the texts are not; `cacheRows` holds neither. Throws an `InputError` when the texts hold
 * no token, or none that the vocabulary knows.
 */
export async function packTexts(
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: TextTokenizer,
  options: PackOptions,
): Promise<PackedText> {
  const { length } = options;
  let ids = new Int32Array(256 * length);
  let size = 0;
  const summary = await packRows(texts, tokenizer, options, (row) => {
    if (size === ids.length) {
      const larger = new Int32Array(2 * size);
      larger.set(ids);
      ids = larger;
    }
    ids.set(row, size);
    size += length;
  });
  return { ...summary, ids: ids.slice(0, size) };
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
