/** Texts with their classes, in the order of their file. */
export interface TextSplit {
  readonly texts: readonly string[];
  /** Class of each text, an index into `classes`, int32 `[numTexts]`; empty when the texts have no labels. */
  readonly labels: Int32Array;
}

/** A corpus to pre-train on and, if it has labels, to probe with. */
export interface TextDataset {
  readonly name: string;
  /** True for generated text, which every output has to say. */
  readonly synthetic: boolean;
  /** Names of the classes by label; empty when the texts have no labels. */
  readonly classes: readonly string[];
  readonly train: TextSplit;
  readonly test: TextSplit;
  /** What a user should know about the reading: texts skipped, a split that was made, a file that took another's place. */
  readonly notes: readonly string[];
}

/** The texts at `indices`, with their labels. */
export function selectTexts({ texts, labels }: TextSplit, indices: ArrayLike<number>): TextSplit {
  const order = Array.from(indices);
  return {
    texts: order.map((index) => texts[index]!),
    labels: labels.length === 0 ? labels : Int32Array.from(order, (index) => labels[index]!),
  };
}
