import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnnotatedObject } from '../../../src/detection/data/annotation.ts';
import { checkAnnotation } from '../../../src/detection/data/check-annotation.ts';
import { CountedWarnings } from '../../../src/detection/data/counted-warnings.ts';

const picture = { file: 'a.png', width: 40, height: 30 };

const plain = { className: 'cell', left: 1, top: 2, width: 3, height: 4, isCrowd: false, isDifficult: false };

function check(...changes: Partial<AnnotatedObject>[]) {
  const objects = changes.map((change): AnnotatedObject => Object.assign({}, plain, change));
  const warnings = new CountedWarnings();
  const annotation = { source: 'a.xml', pictureFiles: [], width: undefined, height: undefined, objects };
  const checked = checkAnnotation(annotation, picture, ['plate', 'cell'], warnings);
  return { ...checked, warnings: warnings.lines() };
}

test('boxes, classes and flags stay together', () => {
  expect(check({}, { className: 'plate', left: 10, isCrowd: true }, { isDifficult: true })).toEqual({
    ...picture,
    boxes: Float32Array.of(1, 2, 3, 4, 10, 2, 3, 4, 1, 2, 3, 4),
    labels: Int32Array.of(1, 0, 1),
    isCrowd: Uint8Array.of(0, 1, 0),
    isDifficult: Uint8Array.of(0, 0, 1),
    warnings: [],
  });
});

test('a box over the border is cut', () => {
  const { boxes, warnings } = check({ left: -5, top: 20, width: 10, height: 20 });
  expect(boxes).toEqual(Float32Array.of(0, 20, 5, 10));
  expect(warnings).toEqual(['1 box cut to the picture (first: a.xml: box 0, -5, 20, 10 × 20)']);
});

test.each([
  ['outside the picture', { left: 40 }],
  ['outside the picture', { top: -4 }],
  ['without area', { width: 0 }],
  ['without area', { height: -2 }],
  ['not four numbers', { left: NaN }],
  ['not four numbers', { width: Infinity }],
  ['of an unknown class', { className: 'mouse' }],
  ['of an unknown class', { className: undefined }],
])('a box %s is skipped: %j', (why, object) => {
  const { labels, warnings } = check(object, {});
  expect(labels).toEqual(Int32Array.of(1));
  expect(warnings).toEqual([expect.stringContaining(`1 box skipped: ${why} (first: a.xml: `)]);
});

test('whatever boxes there are, those that stay lie inside the picture and have an area', () => {
  const value = fc.oneof(fc.double({ min: -100, max: 100 }), fc.double());
  fc.assert(
    fc.property(fc.array(fc.record({ left: value, top: value, width: value, height: value })), (objects) => {
      const { boxes } = check(...objects);
      for (let i = 0; i < boxes.length; i += 4) {
        const [x, y, width, height] = boxes.subarray(i, i + 4) as unknown as [number, number, number, number];
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(Math.min(width, height)).toBeGreaterThan(0);
        expect(x + width).toBeLessThanOrEqual(picture.width + 1e-4);
        expect(y + height).toBeLessThanOrEqual(picture.height + 1e-4);
      }
    }),
  );
});
