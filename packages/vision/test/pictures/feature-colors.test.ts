import { createRandom } from '@qb-heat/training';
import { expect, test } from 'vitest';
import { fitFeatureColors } from '../../src/pictures/feature-colors.ts';

test('the axis of largest variance is red, the next green, the next blue', () => {
  // Independent channels of deviation 1, 4, 2, 0.1 around 10: red follows channel 1, green 2, blue 0.
  const random = createRandom(1);
  const deviations = [1, 4, 2, 0.1];
  const features = Float32Array.from({ length: 4000 }, (_, i) => 10 + deviations[i % 4]! * random.normal());
  const colors = fitFeatureColors(features, 4);
  const at = (...feature: number[]) => [...colors.apply(Float32Array.from(feature))];
  const grey = at(10, 10, 10, 10);
  for (const value of grey) expect(value).toBeCloseTo(0.5, 1);
  const channelOf = (color: number) =>
    [0, 1, 2].map((channel) => {
      const moved = at(...[10, 10, 10, 10].map((value, i) => (i === channel ? value + deviations[i]! : value)));
      return Math.abs(moved[color]! - grey[color]!);
    });
  // One deviation is a quarter of the range.
  [1, 2, 0].forEach((channel, color) => {
    expect(channelOf(color)[channel]).toBeCloseTo(0.25, 1);
    expect(channelOf(color).filter((change) => change > 0.1)).toHaveLength(1);
  });
});

test('colors stay in their range', () => {
  const colors = fitFeatureColors(Float32Array.of(0, 0, 0, 1, 2, 3, 2, 1, 0), 3);
  for (const value of colors.apply(Float32Array.of(100, -100, 5))) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
});

test('equal features are grey rather than nothing', () => {
  const colors = fitFeatureColors(new Float32Array(12).fill(2), 3);
  expect([...colors.apply(Float32Array.of(2, 2, 2))]).toEqual([0.5, 0.5, 0.5]);
});

test('fewer channels than colors are refused', () => {
  expect(() => fitFeatureColors(new Float32Array(4), 2)).toThrow('at least 3 channels for 3 colors, got 2');
});
