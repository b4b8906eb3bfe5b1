import { expect, test } from 'vitest';
import { heatColors } from '../../src/pictures/heat-colors.ts';

test('hotter is brighter, all the way, and beyond the ends nothing changes', () => {
  const values = Float32Array.from({ length: 101 }, (_, i) => i / 100);
  const colors = heatColors(values);
  const brightness = [...values.keys()].map(
    (i) => 0.2126 * colors[3 * i]! + 0.7152 * colors[3 * i + 1]! + 0.0722 * colors[3 * i + 2]!,
  );
  for (let i = 1; i < 101; i++) expect(brightness[i]).toBeGreaterThan(brightness[i - 1]!);
  expect(heatColors(Float32Array.of(-1, 2))).toEqual(heatColors(Float32Array.of(0, 1)));
});

test('between two stops colors are mixed', () => {
  const [below, between, above] = [0.25, 0.375, 0.5].map((value) => heatColors(Float32Array.of(value)));
  between!.forEach((value, i) => expect(value).toBeCloseTo((below![i]! + above![i]!) / 2, 6));
});
