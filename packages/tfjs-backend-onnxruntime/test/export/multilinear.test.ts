import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMultilinear, formatMultilinear, samplePoints, type VaryingAxis } from '../../src/export/multilinear.ts';

const batch: VaryingAxis = { name: 'batch', axis: 0, lengths: [5, 7, 11] };
const sequence: VaryingAxis = { name: 'sequence', axis: 1, lengths: [13, 17, 19] };
const both = [batch, sequence];

/** Values of a function at the points. */
const sample = (axes: readonly VaryingAxis[], f: (batchSize: number, length: number) => number): number[] =>
  samplePoints(axes).map(([batchSize, length]) => f(batchSize!, length!));

describe('fitMultilinear', () => {
  it('finds the numbers of any such form', () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(number, number, number, number, (c, b, s, bs) => {
        const values = sample(both, (batchSize, length) => c + b * batchSize + s * length + bs * batchSize * length);
        // -0 and 0 are one number here.
        expect(fitMultilinear(both, values)!.map((value) => value + 0)).toEqual(
          [c, b, s, bs].map((value) => value + 0),
        );
      }),
    );
  });

  it('looks at every choice of two lengths, and at a third of each axis', () => {
    expect(samplePoints([batch])).toEqual([[5], [7], [11]]);
    expect(samplePoints(both)).toEqual([
      [5, 13],
      [7, 13],
      [5, 17],
      [7, 17],
      [11, 19],
    ]);
    expect(samplePoints([])).toEqual([[]]);
  });

  it.each([
    ['a square', (b: number) => b * b],
    ['a square of the other axis', (_: number, s: number) => s * s],
    ['a half', (_: number, s: number) => s / 2],
    ['a half, rounded', (_: number, s: number) => Math.ceil(s / 2)],
    ['a maximum', (b: number, s: number) => Math.max(b, s - 9)],
    ['a step', (b: number) => (b > 10 ? 1 : 0)],
  ])('refuses %s', (_, f) => {
    expect(
      fitMultilinear(
        both,
        sample(both, (b, s) => f(b, s)),
      ),
    ).toBeNull();
  });

  it('takes a constant where nothing varies', () => {
    expect(fitMultilinear([], [3])).toEqual([3]);
  });
});

describe('formatMultilinear', () => {
  it.each([
    [[4, 0, 0, 0], null],
    [[0, 1, 0, 0], 'batch'],
    [[0, 0, 1, 0], 'sequence'],
    [[0, 0, 0, 1], 'batch*sequence'],
    [[-1, 2, 0, 0], '2*batch-1'],
    [[3, 1, -1, 4], 'batch-1*sequence+4*batch*sequence+3'],
  ])('writes %j as %s', (form, text) => {
    expect(formatMultilinear(both, form)).toBe(text);
  });
});
