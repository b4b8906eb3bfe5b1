/** Warnings of the same kind as one line: how many, and the first example. */
export class CountedWarnings {
  readonly #examples = new Map<string, string[]>();

  /** @param kind what happened to a `noun`: `cut to the picture` to a `box`. */
  add(noun: string, kind: string, example: string): void {
    const key = JSON.stringify([noun, kind]);
    const examples = this.#examples.get(key);
    if (examples === undefined) this.#examples.set(key, [example]);
    else examples.push(example);
  }

  /** A line for each kind, in the order of their words: what is told may come from concurrent reads. */
  lines(): string[] {
    const kinds = [...this.#examples].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return kinds.map(([key, examples]) => {
      const [noun, kind] = JSON.parse(key) as [string, string];
      const nouns = examples.length === 1 ? noun : noun.endsWith('x') ? `${noun}es` : `${noun}s`;
      return `${examples.length} ${nouns} ${kind} (first: ${examples.toSorted()[0]})`;
    });
  }
}
