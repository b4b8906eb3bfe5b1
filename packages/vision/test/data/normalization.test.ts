import { expect, test } from 'vitest';
import { measureNormalization } from '../../src/data/normalization.ts';

test('mean and deviation of each channel, on the scale from 0 to 1', () => {
  // Channel 0: 0, 255 → mean 1/2, deviation 1/2. Channel 1: 51, 153 → mean 0.4, deviation 0.2.
  const images = Uint8Array.of(0, 51, 255, 153);
  const { mean, std } = measureNormalization({ images, labels: Int32Array.of(0, 0) }, 2);
  expect(mean[0]).toBeCloseTo(0.5, 12);
  expect(std[0]).toBeCloseTo(0.5, 12);
  expect(mean[1]).toBeCloseTo(0.4, 12);
  expect(std[1]).toBeCloseTo(0.2, 12);
});

test('a channel of one value keeps a deviation that can be divided by', () => {
  const { std } = measureNormalization({ images: new Uint8Array(8).fill(30), labels: Int32Array.of(0) }, 1);
  expect(std[0]).toBeCloseTo(1 / 255, 12);
});

test('no images are refused', () => {
  expect(() => measureNormalization({ images: new Uint8Array(0), labels: new Int32Array(0) }, 3)).toThrow(
    'expected at least one image',
  );
});
