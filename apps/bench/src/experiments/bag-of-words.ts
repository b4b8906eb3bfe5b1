import type { TextTokenizer } from '@qb-heat/text';

/** Tokens that count, at most: the commonest, by how many texts they are in. */
const maxTokens = 2000;

/** Turns texts into TF-IDF weights of a training corpus's commonest tokens: what word counts alone tell of a text. */
export class BagOfWords {
  readonly #tokenizer: TextTokenizer;
  /** Column and weight of each token that counts. */
  readonly #columns: ReadonlyMap<number, { readonly column: number; readonly weight: number }>;

  constructor(tokenizer: TextTokenizer, trainTexts: readonly string[]) {
    this.#tokenizer = tokenizer;
    const numTexts = new Map<number, number>();
    for (const text of trainTexts) {
      for (const id of new Set(tokenizer.encode(text))) numTexts.set(id, (numTexts.get(id) ?? 0) + 1);
    }
    // Equal counts in the order of the ids, so that the columns don't depend on the order of the texts.
    const commonest = [...numTexts].toSorted(([a, m], [b, n]) => n - m || a - b).slice(0, maxTokens);
    this.#columns = new Map(
      commonest.map(([id, count], column) => [
        id,
        { column, weight: Math.log((1 + trainTexts.length) / (1 + count)) + 1 },
      ]),
    );
  }

  /** Features of a text, `dim` each. */
  get dim(): number {
    return this.#columns.size;
  }

  /** (1 + log count) · idf, float32 `[numTexts, dim]`, row-major. */
  encode(texts: readonly string[]): Float32Array {
    const features = new Float32Array(texts.length * this.dim);
    texts.forEach((text, row) => {
      const counts = new Map<number, number>();
      for (const id of this.#tokenizer.encode(text)) counts.set(id, (counts.get(id) ?? 0) + 1);
      for (const [id, count] of counts) {
        const known = this.#columns.get(id);
        if (known !== undefined) features[row * this.dim + known.column] = (1 + Math.log(count)) * known.weight;
      }
    });
    return features;
  }
}
