import { createRandom } from '@qb-heat/training';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageShape } from '../../src/data/image-dataset.ts';
import { augmentImage, checkAugmentation } from '../../src/data/augment.ts';
import type { Augmentation } from '../../src/data/augment.ts';

const shape: ImageShape = { height: 4, width: 6, numChannels: 3 };
const picture = Uint8Array.from({ length: 72 }, (_, i) => (i * 37) % 256);

function augment(augmentation: Augmentation, seed: number): Float32Array {
  const target = new Float32Array(picture.length);
  augmentImage(picture, shape, augmentation, createRandom(seed), target);
  return target;
}

test('every crop stays within the range of the pixels it is made of', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.boolean(), fc.integer(), (least, flip, seed) => {
      const values = augment({ cropScale: [least, 1], flip }, seed);
      for (let channel = 0; channel < 3; channel++) {
        const source = picture.filter((_, i) => i % 3 === channel).map(Number);
        const result = values.filter((_, i) => i % 3 === channel);
        expect(Math.min(...result)).toBeGreaterThanOrEqual(Math.min(...source) / 255 - 1e-6);
        expect(Math.max(...result)).toBeLessThanOrEqual(Math.max(...source) / 255 + 1e-6);
      }
    }),
  );
});

test('a square picture of one ramp keeps its slope times the scale of the crop', () => {
  // Values equal to the column. A crop of a quarter of the area with proportions r is 8·√(r/4) columns wide, so that a
  // step of one column in the result is √(r/4) in the source: between √(3/16) and √(1/3).
  const ramp = Uint8Array.from({ length: 64 }, (_, i) => 20 * (i % 8));
  const target = new Float32Array(64);
  augmentImage(
    ramp,
    { height: 8, width: 8, numChannels: 1 },
    { cropScale: [0.25, 0.25], flip: false },
    createRandom(2),
    target,
  );
  const slopes = [2, 3, 4].map((column) => ((target[column + 1]! - target[column]!) * 255) / 20);
  expect(slopes[0]).toBeCloseTo(slopes[1]!, 4);
  expect(slopes[1]).toBeGreaterThanOrEqual(Math.sqrt(3 / 16) - 1e-4);
  expect(slopes[1]).toBeLessThanOrEqual(Math.sqrt(1 / 3) + 1e-4);
});

test('a flip mirrors the columns', () => {
  // A full crop is cut to the image only where its proportions ask for more than there is, so compare two draws that
  // differ by the flip alone: the flip is the last draw.
  const plain = augment({ cropScale: [0.5, 0.5], flip: false }, 4);
  const seeds = [4];
  const mirrored = augment({ cropScale: [0.5, 0.5], flip: true }, seeds[0]!);
  const flipped = Float32Array.from({ length: 72 }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / 18), Math.floor(i / 3) % 6, i % 3];
    return plain[row * 18 + (5 - column) * 3 + channel]!;
  });
  const isFlipped = mirrored.every((value, i) => Math.abs(value - flipped[i]!) < 1e-6);
  const isPlain = mirrored.every((value, i) => Math.abs(value - plain[i]!) < 1e-6);
  expect([isFlipped, isPlain].filter(Boolean)).toHaveLength(1);
});

test('about half of the images are flipped', () => {
  const flips = Array.from({ length: 200 }, (_, seed) => {
    const plain = augment({ cropScale: [0.5, 0.5], flip: false }, seed);
    const maybe = augment({ cropScale: [0.5, 0.5], flip: true }, seed);
    return maybe.some((value, i) => value !== plain[i]);
  });
  expect(flips.filter(Boolean).length).toBeGreaterThan(70);
  expect(flips.filter(Boolean).length).toBeLessThan(130);
});

test('a scale that is no range is refused', () => {
  expect(() => checkAugmentation({ cropScale: [0.5, 1.5], flip: true })).toThrow(
    'augmentation.cropScale must satisfy 0 < least <= most <= 1, got [0.5, 1.5]',
  );
});
