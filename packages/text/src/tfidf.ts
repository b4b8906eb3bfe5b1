/** Non-zero entries of a matrix, row after row. */
export interface SparseMatrix {
  readonly numRows: number;
  readonly numColumns: number;
  /** Where each row begins in `columns` and `values`, and where the last one ends, `[numRows + 1]`. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/**
 * Words and pairs of neighbouring words, weighted: `tf · (ln((1 + n) / (1 + df)) + 1)`, n training texts of which df
 * have the term, then each text to length 1. The default weighting of scikit-learn with n-grams of 1 and 2; what the
 * training texts lack is left out.
 */
export class Tfidf {
  readonly #columns = new Map<string, number>();
  readonly #weights: Float64Array;

  constructor(trainTexts: readonly string[]) {
    const counts: number[] = [];
    for (const text of trainTexts) {
      for (const term of new Set(termsOf(text))) {
        const column = this.#columns.get(term) ?? this.#columns.size;
        this.#columns.set(term, column);
        counts[column] = (counts[column] ?? 0) + 1;
      }
    }
    this.#weights = Float64Array.from(counts, (count) => Math.log((1 + trainTexts.length) / (1 + count)) + 1);
  }

  encode(texts: readonly string[]): SparseMatrix {
    const starts = new Int32Array(texts.length + 1);
    const columns: number[] = [];
    const values: number[] = [];
    texts.forEach((text, row) => {
      const counts = new Map<number, number>();
      for (const term of termsOf(text)) {
        const column = this.#columns.get(term);
        if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
      }
      const entries = [...counts].map(([column, count]) => [column, count * this.#weights[column]!] as const);
      const norm = Math.hypot(...entries.map(([, value]) => value));
      for (const [column, value] of entries) {
        columns.push(column);
        values.push(value / norm);
      }
      starts[row + 1] = columns.length;
    });
    return {
      numRows: texts.length,
      numColumns: this.#columns.size,
      starts,
      columns: Int32Array.from(columns),
      values: Float64Array.from(values),
    };
  }
}

/** Lower-case words of two or more letters, digits or underscores, and each with the next. */
function termsOf(text: string): string[] {
  const words: string[] = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  return words.concat(words.slice(1).map((word, index) => `${words[index]} ${word}`));
}
