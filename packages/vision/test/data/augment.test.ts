import { createRandom } from '@qb-heat/training';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkAugmentation, drawCrop } from '../../src/data/augment.ts';
import type { Crop } from '../../src/data/augment.ts';
import type { ImageShape } from '../../src/data/image-dataset.ts';

const whole: Crop = { top: 0, left: 0, height: 4, width: 6, isMirrored: false };
const shape: ImageShape = { height: 4, width: 6, numChannels: 3 };

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
