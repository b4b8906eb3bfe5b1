import { expect, it } from 'vitest';
import { measureFeatures, standardize } from '../../src/probes/standardize.ts';

const matrix = {
  values: Float32Array.of(1, 10, 5, 3, 10, 5, 5, 10, 6),
  numSamples: 3,
  dim: 3,
  labels: Int32Array.of(0, 0, 0),
  numClasses: 1,
};

it('centers and scales each feature by its mean and deviation over the samples', () => {
  const { mean, scale } = measureFeatures(matrix, 0.25);
  // Variances: (4 + 0 + 4) / 3, 0, and (1/9 + 1/9 + 4/9) / 3 = 2/9.
  expect(Array.from(mean)).toEqual([3, 10, expect.closeTo(16 / 3, 12)]);
  const expected = [8 / 3, 0, 2 / 9].map((variance) => expect.closeTo(1 / Math.sqrt(variance + 0.25), 12));
  expect(Array.from(scale)).toEqual(expected);
  const rows = standardize(matrix, { mean: Float64Array.of(3, 10, 5), scale: Float64Array.of(2, 1, 10) });
  expect(rows).toEqual(Float32Array.of(-4, 0, 0, 0, 0, 0, 4, 0, 10));
});

it('gives the samples that are asked for, in the order asked', () => {
  const statistics = { mean: new Float64Array(3), scale: new Float64Array(3).fill(1) };
  expect(standardize(matrix, statistics, Int32Array.of(2, 0))).toEqual(Float32Array.of(5, 10, 6, 1, 10, 5));
});
