import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGaps } from '../src/gap-plan.ts';
import type { ScatteredVisibility, Visibility } from '../src/index.ts';
import { noiseVisibility } from './reference.ts';

function countRows(capacities: readonly number[]): number {
  return capacities.reduce((sum, rows) => sum + rows, 0);
}

describe('planGaps', () => {
  it('lays out gaps by hand: longest first, a level for each place', () => {
    // Places 0 and 4 visible of 6: a gap of 3 between them, one of 1 after; nothing before.
    const visibility: ScatteredVisibility = {
      kind: 'scattered',
      grid: { height: 1, width: 6 },
      batchSize: 1,
      numVisible: 2,
      indices: Int32Array.from([0, 4]),
    };
    const { inner, rightRows, endsHere, sources } = planGaps(visibility);
    expect([...inner.anchorRows].slice(0, 2)).toEqual([0, 1]);
    expect([...rightRows].slice(0, 2)).toEqual([1, -1]);
    // Only the first gap has a far end, at its third place.
    expect(endsHere.map((rows) => rows[0])).toEqual([0, 0, 1, ...endsHere.slice(3).map(() => 0)]);
    expect(endsHere.every((rows) => (rows[1] ?? 0) === 0)).toBe(true);
    // Rows 0 and 1 are the visible ones; level 1 begins at row 2.
    const [first, second] = inner.capacities;
    expect([...sources]).toEqual([0, 2, 2 + first!, 2 + first! + second!, 1, 3]);
  });

  it('has the same room for every random mask, and not much more than they need', () => {
    const plans = Array.from({ length: 60 }, (_, seed) => planGaps(noiseVisibility(1, 64, 32, 16, seed)));
    const [{ inner, leading }] = plans as [(typeof plans)[0]];
    for (const plan of plans) {
      expect(plan.inner.capacities).toEqual(inner.capacities);
      expect(plan.leading.capacities).toEqual(leading.capacities);
    }
    expect(countRows(inner.capacities) + countRows(leading.capacities)).toBeLessThan(2.2 * 16 * 32);
  });

  it('makes room for masks that are not random, the same for gaps up to a power of two', () => {
    const spans = [20, 28].map((length) => {
      const indices = Array.from({ length: 64 }, (_, t) => t).filter(
        (t) => t < 32 - length / 2 || t >= 32 + length / 2,
      );
      const numVisible = indices.length;
      return {
        kind: 'scattered',
        grid: { height: 1, width: 64 },
        batchSize: 1,
        numVisible,
        indices: Int32Array.from(indices),
      } as const;
    });
    expect(spans.map((span) => planGaps(span).inner.capacities.length)).toEqual([20, 28]);
    const windows = [4, 9].map((left): Visibility => ({
      kind: 'block',
      grid: { height: 1, width: 40 },
      batchSize: 3,
      blocks: [{ top: 0, left, height: 1, width: 20 }],
    }));
    const [first, second] = windows.map((window) => planGaps(window));
    expect(first!.inner.capacities).toEqual(second!.inner.capacities);
  });

  it('gives every place a row of its own, whatever the mask', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 24 }),
        fc.integer(),
        (length, count, seed) => {
          const numVisible = Math.min(length, count);
          const visibility = noiseVisibility(1, length, numVisible, 3, seed);
          const { inner, leading, sources } = planGaps(visibility);
          const numRows = 3 * numVisible + countRows(inner.capacities) + countRows(leading.capacities);
          expect(new Set(sources).size).toBe(3 * length);
          expect(Math.max(...sources)).toBeLessThan(numRows);
          for (const capacities of [inner.capacities, leading.capacities]) {
            expect(capacities.every((rows, level) => level === 0 || rows <= capacities[level - 1]!)).toBe(true);
          }
        },
      ),
    );
  });
});
