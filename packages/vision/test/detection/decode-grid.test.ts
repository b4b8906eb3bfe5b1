import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeGrid } from '../../src/detection/decode-grid.ts';
import { intersectionOverUnion } from '../../src/detection/boxes.ts';
import { suppressOverlaps } from '../../src/detection/non-maximum-suppression.ts';

const grid = { height: 3, width: 4 };
const picture = { width: 40, height: 60 };
const options = { minScore: 0.1, maxOverlap: 0.5, limit: 10 };

/** Logits of one class, −9 but for those given, and a box of 1×1 cell in every cell but for those given. */
function decode(
  logits: Record<number, number>,
  boxes: Record<number, number[]> = {},
  changes: Partial<typeof options> = {},
) {
  const allLogits = new Float32Array(12).fill(-9);
  const allBoxes = new Float32Array(48);
  for (let cell = 0; cell < 12; cell++) {
    allLogits[cell] = logits[cell] ?? -9;
    const [x, y] = [cell % 4, Math.floor(cell / 4)];
    allBoxes.set(boxes[cell] ?? [x, y, x + 1, y + 1], cell * 4);
  }
  return decodeGrid(allLogits, allBoxes, grid, picture, { ...options, ...changes });
}

test('a peak becomes a box in the pixels of the picture, its logit a probability', () => {
  // A cell is 10×20 pixels.
  expect(decode({ 5: 0 }, { 5: [0.5, 1, 3, 2.5] })).toEqual({
    boxes: Float32Array.of(5, 20, 25, 30),
    labels: Int32Array.of(0),
    scores: Float32Array.of(0.5),
  });
});

test('of neighbours the surer one is kept, of equal ones the first', () => {
  expect([...decode({ 0: 1, 5: 2, 7: 1 }).boxes]).toEqual([10, 20, 10, 20, 30, 20, 10, 20]);
  expect([...decode({ 5: 1, 6: 1 }).boxes]).toEqual([10, 20, 10, 20]);
});

test('the first row is no neighbour of the last, nor the left border of the right one', () => {
  expect(decode({ 0: 2, 8: 1, 3: 1, 11: 0.5 }).scores).toHaveLength(4);
});

test('unsure detections and boxes outside the picture are left out, those across its border cut', () => {
  expect(decode({ 0: -3 }).scores).toHaveLength(0);
  expect(decode({ 0: 1 }, { 0: [-3, 0, -1, 1] }).scores).toHaveLength(0);
  expect([...decode({ 0: 1 }, { 0: [-1, 1, 2, 9] }).boxes]).toEqual([0, 20, 20, 40]);
  expect([...decode({ 0: 1 }, { 0: [1, -1, 9, 2] }).boxes]).toEqual([10, 0, 30, 40]);
});

test('classes have peaks of their own', () => {
  const logits = Float32Array.of(2, 1, -9, -9);
  const boxes = Float32Array.of(0, 0, 1, 1, 1, 0, 2, 1);
  const found = decodeGrid(logits, boxes, { height: 1, width: 2 }, { width: 2, height: 1 }, options);
  expect([...found.labels]).toEqual([0, 1]);
});

test('of two that overlap too much the surer one stays, unless their classes differ', () => {
  const same = { 0: [0, 0, 2, 1], 2: [0, 0, 2, 1] };
  expect(decode({ 0: 1, 2: 2 }, same).scores).toHaveLength(1);
  expect(decode({ 0: 1, 2: 2 }, same, { maxOverlap: 1 }).scores).toHaveLength(2);
  const two = { boxes: Float32Array.of(0, 0, 2, 2, 0, 0, 2, 2), scores: Float32Array.of(0.5, 0.6) };
  expect(suppressOverlaps({ ...two, labels: Int32Array.of(0, 1) }, 0.5, 10).scores).toEqual(Float32Array.of(0.6, 0.5));
  expect(suppressOverlaps({ ...two, labels: Int32Array.of(0, 0) }, 0.5, 10).scores).toEqual(Float32Array.of(0.6));
});

test('no more than the limit are kept, the surest', () => {
  expect(decode({ 0: 1, 2: 3, 8: 2 }, {}, { limit: 2 }).boxes).toEqual(Float32Array.of(20, 0, 10, 20, 0, 40, 10, 20));
});

test('suppression keeps the best, leaves no overlap, and drops only what is covered', () => {
  const number = fc.integer({ min: 0, max: 12 });
  const item = fc.tuple(
    number,
    number,
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 0, max: 1 }),
    number,
  );
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 15 }), (items) => {
      const all = {
        boxes: Float32Array.from(items.flatMap((values) => values.slice(0, 4))),
        labels: Int32Array.from(items, (values) => values[4]),
        scores: Float32Array.from(items, (values) => values[5]),
      };
      const kept = suppressOverlaps(all, 0.4, 100);
      expect(kept.scores[0]).toBe(Math.max(...all.scores));
      const covers = (i: number, boxes: Float32Array, labels: Int32Array, j: number) =>
        kept.labels[i] === labels[j] && intersectionOverUnion(kept.boxes, i, boxes, j) > 0.4;
      for (let i = 0; i < kept.scores.length; i++) {
        for (let j = 0; j < i; j++) expect(covers(i, kept.boxes, kept.labels, j)).toBe(false);
      }
      const numFree = items.filter((_, j) => ![...kept.scores.keys()].some((i) => covers(i, all.boxes, all.labels, j)));
      expect(numFree).toHaveLength(0);
    }),
  );
});
