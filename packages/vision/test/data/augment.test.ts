import { createRandom } from '@qb-heat/training';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkAugmentation, cropImage, drawCrop } from '../../src/data/augment.ts';
import type { Crop } from '../../src/data/augment.ts';
import type { ImageShape } from '../../src/data/image-dataset.ts';

const whole: Crop = { top: 0, left: 0, height: 4, width: 6, isMirrored: false };
const shape: ImageShape = { height: 4, width: 6, numChannels: 3 };
const picture = Uint8Array.from({ length: 72 }, (_, i) => (i * 37) % 256);

function crop(changes: Partial<Crop>, pixels = picture, of = shape): number[] {
  const target = new Float32Array(pixels.length);
  cropImage(pixels, of, { ...whole, ...changes }, target);
  return Array.from(target, (value) => value * 255);
}

test('a crop of everything is the picture', () => {
  crop({}).forEach((value, i) => expect(value).toBeCloseTo(picture[i]!, 3));
});

test('mirrored, the columns run backwards', () => {
  crop({ isMirrored: true }).forEach((value, i) => {
    const [row, column, channel] = [Math.floor(i / 18), Math.floor(i / 3) % 6, i % 3];
    expect(value).toBeCloseTo(picture[row * 18 + (5 - column) * 3 + channel]!, 3);
  });
});

test('a crop of half the width shows its pixels twice as wide', () => {
  // One row 0 10 20 30, columns 1 to 3: place i lies at 1 + (i + ½)/2 − ½ = 0.75, 1.25, 1.75, 2.25.
  const row: ImageShape = { height: 1, width: 4, numChannels: 1 };
  const values = crop({ left: 1, height: 1, width: 2 }, Uint8Array.of(0, 10, 20, 30), row);
  [7.5, 12.5, 17.5, 22.5].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 3));
});

test('a crop of half the height starts where its top says', () => {
  const column: ImageShape = { height: 4, width: 1, numChannels: 1 };
  const values = crop({ top: 2, height: 2, width: 1 }, Uint8Array.of(0, 10, 20, 30), column);
  // 2 + (i + ½)/2 − ½ = 1.75, 2.25, 2.75, and 3.25, which is held at the last pixel.
  [17.5, 22.5, 27.5, 30].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 3));
});

test('every draw lies within the image and keeps a share of its area in range', () => {
  const scales = fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(scales, fc.boolean(), fc.integer(), ([least, more], flip, seed) => {
      const most = least + more * (1 - least);
      const { top, left, height, width } = drawCrop({ cropScale: [least, most], flip }, shape, createRandom(seed));
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top + height).toBeLessThanOrEqual(4 + 1e-9);
      expect(left + width).toBeLessThanOrEqual(6 + 1e-9);
      const area = (height * width) / 24;
      expect(area).toBeLessThanOrEqual(most + 1e-9);
      // Cutting a crop that is too long takes a quarter of a side at most.
      expect(area).toBeGreaterThanOrEqual(least * 0.75 - 1e-9);
    }),
  );
});

test('without cropping only the flip is drawn', () => {
  const crops = Array.from({ length: 200 }, (_, seed) =>
    drawCrop({ cropScale: [1, 1], flip: true }, shape, createRandom(seed)),
  );
  for (const drawn of crops) expect(drawn).toEqual({ ...whole, isMirrored: drawn.isMirrored });
  const numMirrored = crops.filter(({ isMirrored }) => isMirrored).length;
  expect(numMirrored).toBeGreaterThan(70);
  expect(numMirrored).toBeLessThan(130);
});

test('a scale that is no range is refused', () => {
  expect(() => checkAugmentation({ cropScale: [0.5, 1.5], flip: true })).toThrow(
    'augmentation.cropScale must satisfy 0 < least <= most <= 1, got [0.5, 1.5]',
  );
});
