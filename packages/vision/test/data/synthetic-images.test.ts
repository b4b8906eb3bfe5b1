import { createRandom } from '@qb-heat/training';
import { expect, test } from 'vitest';
import { syntheticImages } from '../../src/data/synthetic-images.ts';
import { drawShape } from '../../src/data/synthetic-shapes.ts';
import { drawTexture } from '../../src/data/synthetic-textures.ts';

test('classes are shapes by textures in equal numbers, and the set says that it is synthetic', () => {
  const data = syntheticImages({ numTrain: 24, numTest: 12, size: 16 });
  expect(data.synthetic).toBe(true);
  expect(data.classes).toHaveLength(12);
  expect(data.classes).toContain('striped ring');
  const counts = data.classes.map((_, label) => data.train.labels.filter((other) => other === label).length);
  expect(counts).toEqual(Array(12).fill(2));
});

test('the seed determines every pixel, and more images leave the first ones as they are', () => {
  const few = syntheticImages({ numTrain: 3, numTest: 1, size: 16, seed: 5 });
  expect(syntheticImages({ numTrain: 3, numTest: 1, size: 16, seed: 5 }).train.images).toEqual(few.train.images);
  expect(syntheticImages({ numTrain: 3, numTest: 1, size: 16, seed: 6 }).train.images).not.toEqual(few.train.images);
  const more = syntheticImages({ numTrain: 20, numTest: 1, size: 16, seed: 5 });
  expect(more.train.images.subarray(0, few.train.images.length)).toEqual(few.train.images);
  expect(more.train.labels.subarray(0, 3)).toEqual(few.train.labels);
});

test('train and test images differ', () => {
  const data = syntheticImages({ numTrain: 4, numTest: 4, size: 16 });
  expect(data.train.images).not.toEqual(data.test.images);
});

test('the spectrum of the pictures falls: neighbouring pixels are alike, distant ones less', () => {
  const { train, height } = syntheticImages({ numTrain: 40, numTest: 1 });
  const meanDifference = (distance: number) => {
    let sum = 0;
    let count = 0;
    for (let row = 0; row < 40 * height; row++) {
      for (let column = 0; column + distance < height; column++) {
        const at = (row * height + column) * 3;
        sum += (train.images[at]! - train.images[at + 3 * distance]!) ** 2;
        count++;
      }
    }
    return sum / count;
  };
  expect(meanDifference(1)).toBeLessThan(0.6 * meanDifference(3));
  expect(meanDifference(3)).toBeLessThan(0.9 * meanDifference(10));
});

test('a disc covers π r² of the picture, wherever it lies', () => {
  const coverage = drawShape('disc', 64, createRandom(3));
  const area = coverage.reduce((sum, value) => sum + value, 0);
  // Radius 0.8 of 0.3 … 0.42 of the side.
  expect(area).toBeGreaterThan(Math.PI * (0.8 * 0.3 * 64) ** 2 * 0.98);
  expect(area).toBeLessThan(Math.PI * (0.8 * 0.42 * 64) ** 2 * 1.02);
});

test('a ring is empty in its middle', () => {
  const disc = drawShape('disc', 64, createRandom(3));
  const ring = drawShape('ring', 64, createRandom(3));
  const centre = disc.reduce(
    ({ x, y, sum }, value, i) => ({ x: x + value * (i % 64), y: y + value * Math.floor(i / 64), sum: sum + value }),
    { x: 0, y: 0, sum: 0 },
  );
  const middle = Math.round(centre.y / centre.sum) * 64 + Math.round(centre.x / centre.sum);
  expect(disc[middle]).toBe(1);
  expect(ring[middle]).toBe(0);
});

test('stripes vary across and not along, dots vary in both', () => {
  expect(spread(drawTexture('plain', 32, createRandom(1)))).toBe(0);
  expect(spread(drawTexture('striped', 32, createRandom(1)))).toBeGreaterThan(0.9);
  expect(spread(drawTexture('dotted', 32, createRandom(1)))).toBeGreaterThan(0.9);
});

test('a size that is too small to show a shape is refused', () => {
  expect(() => syntheticImages({ size: 8 })).toThrow('size must be a whole number of at least 16, got 8');
});

function spread(values: Float64Array): number {
  return Math.max(...values) - Math.min(...values);
}
