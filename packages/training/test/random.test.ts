import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../src/random.ts';

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe('streams', () => {
  it('repeat for the same seed and differ for another', () => {
    const [first, again, other, negative] = [1, 1, 2, -1].map((seed) => createRandom(seed).uniforms(5));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(negative).not.toEqual(first);
  });

  it('give these numbers for seed 1, on every machine', () => {
    const random = createRandom(1);
    expect([random.uniform(), random.integer(1000), random.normal()]).toMatchInlineSnapshot(`
      [
        0.3081664853860775,
        471,
        0.23205254577988682,
      ]
    `);
  });

  it('fork without regard to what was drawn before', () => {
    const untouched = createRandom(3);
    const drawnFrom = createRandom(3);
    drawnFrom.normals(7);
    expect(drawnFrom.fork('masks').uniform()).toBe(untouched.fork('masks').uniform());
  });

  it('fork into different streams by label, label type and depth', () => {
    const root = createRandom(3);
    const firsts = [
      root,
      createRandom(31),
      root.fork('a'),
      root.fork('b'),
      root.fork('a').fork('b'),
      root.fork('a/b'),
      root.fork('a"/"b'),
      root.fork(1),
      root.fork('1'),
    ].map((stream) => stream.uniform());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('refuse a seed that is no whole number', () => {
    expect(() => createRandom(0.5)).toThrow(new InputError('createRandom: seed must be a whole number, got 0.5'));
  });
});

describe('distributions', () => {
  it('uniform fills [low, high) evenly', () => {
    const values = createRandom(0).uniforms(20_000, -1, 3);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThan(3);
    // Standard error of the mean: 4 / √12 / √20000 ≈ 0.008.
    expect(Math.abs(mean(values) - 1)).toBeLessThan(0.04);
  });

  it('normal has mean 0, variance 1 and a kurtosis of 3', () => {
    const values = createRandom(0).normals(40_000);
    expect(Math.abs(mean(values))).toBeLessThan(0.025);
    expect(mean(values.map((x) => x ** 2))).toBeCloseTo(1, 1);
    expect(Math.abs(mean(values.map((x) => x ** 4)) - 3)).toBeLessThan(0.25);
  });

  it('successive normals are uncorrelated', () => {
    const values = createRandom(5).normals(40_000);
    expect(Math.abs(mean(values.slice(1).map((x, i) => x * (values[i] as number))))).toBeLessThan(0.025);
  });

  it('truncated normal stays within its limit and keeps its shape', () => {
    const values = createRandom(0).truncatedNormals(20_000, 0.02, 2);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.04);
    // Variance of a standard normal cut at ±2: 1 − 4 φ(2) / (2 Φ(2) − 1) = 1 − 0.215964 / 0.954500 = 0.773741.
    expect(mean(values.map((x) => (x / 0.02) ** 2))).toBeCloseTo(0.7737, 1);
  });

  it('integer draws every value below its bound equally often', () => {
    const random = createRandom(0);
    const counts = [0, 0, 0, 0, 0];
    for (let draw = 0; draw < 10_000; draw++) (counts[random.integer(5)] as number)++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('refuses a bound or limit that leaves nothing to draw', () => {
    const random = createRandom(0);
    expect(() => random.integer(0)).toThrow('Random.integer: bound must be a whole number from 1 to 2^32, got 0');
    expect(() => random.truncatedNormal(0)).toThrow('Random.truncatedNormal: limit must be positive, got 0');
  });
});

describe('orders and samples', () => {
  it('a permutation holds every index once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(200), (seed, length) => {
        const sorted = Array.from(createRandom(seed).permutation(length)).toSorted((a, b) => a - b);
        expect(sorted).toEqual(Array.from({ length }, (_, index) => index));
      }),
    );
  });

  it('all six orders of three items come equally often', () => {
    const random = createRandom(0);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const order = random.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('a sample holds different integers of the population', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(100), fc.nat(100), (seed, a, b) => {
        const [population, count] = [Math.max(a, b), Math.min(a, b)];
        const sample = createRandom(seed).sample(population, count);
        expect(new Set(sample).size).toBe(count);
        for (const value of sample) expect(value >= 0 && value < population).toBe(true);
      }),
    );
  });

  it('all ordered pairs out of three come equally often', () => {
    const random = createRandom(0);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const pair = random.sample(3, 2).join('');
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('refuses to draw more than there is', () => {
    expect(() => createRandom(0).sample(2, 3)).toThrow('Random.sample: cannot draw 3 different integers out of 2');
  });
});
