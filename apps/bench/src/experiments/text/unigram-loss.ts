import type { TextBatch } from '@qb-heat/text';
import { maskedIndices } from '@qb-heat/core';

/**
 * What guessing each masked token from the frequencies of the training text alone costs, in nats: the mean of
 * −log((count + 1) / (total + vocabSize)) over the tokens that a batch asks for. Where the models' outputs start from
 * the same counts, this is where their loss starts.
 */
export class UnigramLoss {
  readonly #counts: Int32Array;
  readonly #total: number;

  /** @param counts how often each token comes, `[vocab]`, special tokens as absent: nobody asks for them. */
  constructor(counts: Int32Array) {
    this.#counts = counts;
    this.#total = counts.reduce((sum, count) => sum + count, counts.length);
  }

  /** The loss of a batch. */
  of({ ids, length, visibility, weights }: Pick<TextBatch, 'ids' | 'length' | 'visibility' | 'weights'>): number {
    const masked = maskedIndices(visibility);
    const numMasked = masked.length / visibility.batchSize;
    let loss = 0;
    let numAsked = 0;
    masked.forEach((column, index) => {
      if (weights[index] === 0) return;
      const id = ids[Math.floor(index / numMasked) * length + column] ?? 0;
      loss -= Math.log(((this.#counts[id] ?? 0) + 1) / this.#total);
      numAsked++;
    });
    return loss / numAsked;
  }
}
