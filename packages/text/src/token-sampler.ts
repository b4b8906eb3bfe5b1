import type { Random } from '@qb-heat/training';

/** Tokens that were drawn for one step, with the logarithms of how often each is drawn on average. */
export interface SampledTokens {
  /** int32 `[numSampled]`; a token may come more than once. */
  readonly tokens: Int32Array;
  /** float32 `[numSampled]`. */
  readonly logRates: Float32Array;
  /** The same of the right tokens, float32 `[rows]`. */
  readonly logRatesOfLabels: Float32Array;
}

/** Draws tokens with replacement, each as often as its share of the text says, counted from one. */
export class TokenSampler {
  readonly #numSampled: number;
  readonly #random: Random;
  /** Shares of the tokens up to each, `[vocab]`; the last is 1. */
  readonly #cumulative: Float64Array;
  readonly #logRates: Float32Array;

  /** @param frequencies share of each token in the text, `[vocab]`, all positive, of sum 1. */
  constructor(frequencies: Float64Array, numSampled: number, random: Random) {
    this.#numSampled = numSampled;
    this.#random = random;
    this.#cumulative = new Float64Array(frequencies.length);
    let sum = 0;
    frequencies.forEach((share, token) => {
      sum += share;
      this.#cumulative[token] = sum;
    });
    this.#logRates = Float32Array.from(frequencies, (share) => Math.log(numSampled * share));
  }

  /** The draws of a step; the same for the same step. */
  draw(labels: Int32Array, step: number): SampledTokens {
    const random = this.#random.fork(step);
    const tokens = new Int32Array(this.#numSampled).map(() => this.#tokenAt(random.uniform()));
    const rateOf = (token: number): number => this.#logRates[token]!;
    return {
      tokens,
      logRates: Float32Array.from(tokens, rateOf),
      logRatesOfLabels: Float32Array.from(labels, rateOf),
    };
  }

  /** The first token up to which the shares exceed `share`, by bisection. */
  #tokenAt(share: number): number {
    let [low, high] = [0, this.#cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! > share) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
