import { InputError } from '@qb-heat/core';
import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * A stream of random numbers (xoroshiro128+) that its seed determines, on every machine.
 *
 * Streams form a tree: `createRandom(7).fork('batches').fork(3)` is the same stream whatever was drawn elsewhere, so
 * that initialisation, batches and masks never disturb each other, and step 1000 can be drawn without the 999 before.
 */
export class Random {
  readonly #path: string;
  readonly #generator: RandomGenerator;
  #spareNormal: number | undefined;

  /** @param path the seed and the labels of the forks that led here; two streams of one path are equal. */
  constructor(path: string) {
    this.#path = path;
    const digest = createHash('sha256').update(path).digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
  }

  /** The stream named `label` below this one; independent of this one and of what was drawn from it. */
  fork(label: string | number): Random {
    // Quoting keeps `fork('a/b')` apart from `fork('a').fork('b')`, and `fork(1)` from `fork('1')`.
    return new Random(`${this.#path}/${JSON.stringify(label)}`);
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Uniform over the integers 0 … bound − 1. Throws an `InputError` unless 1 ≤ bound ≤ 2³². */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new InputError(`Random.integer: bound must be a whole number from 1 to 2^32, got ${bound}`);
    }
    return uniformInt(this.#generator, 0, bound - 1);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    // 1 − u lies in (0, 1], where the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Standard normal given that it lies within ±limit, by rejection. Throws an `InputError` unless limit > 0. */
  truncatedNormal(limit = 2): number {
    if (!(limit > 0)) throw new InputError(`Random.truncatedNormal: limit must be positive, got ${limit}`);
    for (;;) {
      const value = this.normal();
      if (Math.abs(value) <= limit) return value;
    }
  }

  /** `length` uniform numbers in [low, high). */
  uniforms(length: number, low = 0, high = 1): Float32Array {
    return new Float32Array(length).map(() => low + (high - low) * this.uniform());
  }

  /** `length` normal numbers of mean 0 and the given standard deviation. */
  normals(length: number, standardDeviation = 1): Float32Array {
    return new Float32Array(length).map(() => standardDeviation * this.normal());
  }

  /** `length` normal numbers of standard deviation `standardDeviation` before they are cut at ±limit times it. */
  truncatedNormals(length: number, standardDeviation = 1, limit = 2): Float32Array {
    return new Float32Array(length).map(() => standardDeviation * this.truncatedNormal(limit));
  }

  /** Puts `items` into a uniformly random order, in place (Fisher and Yates), and returns them. */
  shuffle<T extends unknown[] | Int32Array>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [items[last], items[other]] = [items[other], items[last]];
    }
    return items;
  }

  /** The integers 0 … length − 1 in a uniformly random order. */
  permutation(length: number): Int32Array {
    return this.shuffle(Int32Array.from({ length }, (_, index) => index));
  }

  /**
   * `count` different integers out of 0 … population − 1, in random order: the start of a random permutation, in
   * memory and time of `count` alone. Throws an `InputError` when `count` exceeds `population`.
   */
  sample(population: number, count: number): Int32Array {
    if (count > population) {
      throw new InputError(`Random.sample: cannot draw ${count} different integers out of ${population}`);
    }
    const moved = new Map<number, number>();
    return new Int32Array(count).map((_, position) => {
      const drawn = position + this.integer(population - position);
      const value = moved.get(drawn) ?? drawn;
      moved.set(drawn, moved.get(position) ?? position);
      return value;
    });
  }
}

/** The root stream of a seed, which must be a safe integer; otherwise throws an `InputError`. */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new InputError(`createRandom: seed must be a whole number, got ${seed}`);
  return new Random(String(seed));
}
