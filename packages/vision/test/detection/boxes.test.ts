import { expect, test } from 'vitest';
import { intersectionArea, intersectionOverUnion, orderByScore } from '../../src/detection/boxes.ts';

const boxes = Float32Array.of(0, 0, 4, 3, 2, 1, 4, 4, 6, 1, 2, 2, 1, 1, 0, 5);

test('intersection and its share of the union', () => {
  // Columns 2 … 4 and rows 1 … 3 are shared: 4 of 12 + 16 − 4.
  expect(intersectionArea(boxes, 0, boxes, 1)).toBe(4);
  expect(intersectionOverUnion(boxes, 0, boxes, 1)).toBeCloseTo(4 / 24, 12);
  expect(intersectionOverUnion(boxes, 1, boxes, 1)).toBe(1);
});

test('boxes that only touch, and those without area, share nothing', () => {
  expect(intersectionOverUnion(boxes, 1, boxes, 2)).toBe(0);
  expect(intersectionOverUnion(boxes, 3, boxes, 3)).toBe(0);
});

test('the highest score comes first and equal ones keep their order', () => {
  expect(orderByScore([0.5, 0.9, 0.5, 0.7, 0.9])).toEqual([1, 4, 3, 0, 2]);
});
