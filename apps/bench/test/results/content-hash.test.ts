import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashJson, hashParts, type Json } from '../../src/results/content-hash.ts';

describe('hashJson', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(hashJson({ a: 1, b: { c: [1, 2], d: null } })).toBe(hashJson({ b: { d: null, c: [1, 2] }, a: 1 }));
  });

  it('depends on the order of lists', () => {
    expect(hashJson([1, 2])).not.toBe(hashJson([2, 1]));
  });

  it('is equal for equal values only', () => {
    const value = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(value, value, (a, b) => {
        // JSON knows no −0.
        const same = JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
        expect(hashJson(a) === hashJson(b)).toBe(same);
      }),
    );
  });
});

describe('hashParts', () => {
  it('keeps parts apart', () => {
    expect(hashParts(['ab', 'c'])).not.toBe(hashParts(['a', 'bc']));
  });

  it('reads a view, not the buffer behind it', () => {
    const bytes = new Uint8Array([9, 1, 2, 9]);
    expect(hashParts([bytes.subarray(1, 3)])).toBe(hashParts([new Uint8Array([1, 2])]));
  });
});

function sortKeys(value: Json): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as Record<string, Json>).map(([key, inner]) => [key, sortKeys(inner)] as const);
  return { entries: entries.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}
