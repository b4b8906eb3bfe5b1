import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCoco } from '../../../src/detection/data/coco.ts';
import { CountedWarnings } from '../../../src/detection/data/counted-warnings.ts';
import { cocoJson } from './fixtures.ts';
import type { CocoParts } from './fixtures.ts';

function parse(parts: CocoParts = {}) {
  const warnings = new CountedWarnings();
  return { ...parseCoco(cocoJson(parts), 'coco.json', ['here', 'there'], warnings), warnings: warnings.lines() };
}

test('boxes go to their picture with the name of their category', () => {
  const { annotations, classes } = parse({
    images: [
      { id: 'one', file_name: 'a.png', width: 40, height: 30 },
      { id: 2, file_name: 'sub/b.png' },
    ],
    annotations: [
      { image_id: 2, category_id: 9, bbox: [1, 2, 3, 4], iscrowd: 1 },
      { image_id: 'one', category_id: 7, bbox: [5, 6, 7.5, 8] },
    ],
    categories: [
      { id: 9, name: 'plate' },
      { id: 7, name: 'cell' },
    ],
  });
  expect(classes).toEqual(['plate', 'cell']);
  expect(annotations).toMatchObject([
    { pictureFiles: ['here/a.png', 'there/a.png'], width: 40, height: 30 },
    { pictureFiles: ['here/sub/b.png', 'there/sub/b.png'], width: undefined },
  ]);
  expect(annotations.map(({ objects }) => objects)).toEqual([
    [{ className: 'cell', left: 5, top: 6, width: 7.5, height: 8, isCrowd: false, isDifficult: false }],
    [{ className: 'plate', left: 1, top: 2, width: 3, height: 4, isCrowd: true, isDifficult: false }],
  ]);
});

test('a picture without boxes stays, and a category that is not listed has no name', () => {
  expect(parse({ annotations: [] }).annotations).toMatchObject([{ objects: [] }]);
  const [annotation] = parse({ categories: [] }).annotations;
  expect(annotation!.objects[0]!.className).toBeUndefined();
});

test('malformed boxes, and those of no picture, are skipped and counted', () => {
  const { annotations, warnings } = parse({
    annotations: [
      { image_id: 1, category_id: 7, bbox: [1, 2, 3] },
      { image_id: 1, category_id: 7, bbox: [1, 2, 3, null] },
      { image_id: 3, category_id: 7, bbox: [1, 2, 3, 4] },
      'box',
    ],
  });
  expect(annotations[0]!.objects).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/^3 boxes skipped: malformed \(first: coco\.json: annotations\.0: bbox /),
    '1 box skipped: of an image that is not listed (first: coco.json: annotations.2)',
  ]);
});

test.each([
  ['{"images": [', 'coco.json: expected JSON; '],
  ['[]', "coco.json: expected COCO's format, an object of images, annotations and categories; "],
  ['{"images": [], "annotations": {}, "categories": []}', 'at annotations'],
  [cocoJson({ images: [{ id: 1 }] }), 'at images.0.file_name'],
])('%s is refused', (text, message) => {
  const read = () => parseCoco(text, 'coco.json', ['.'], new CountedWarnings());
  expect(read).toThrow(message);
  expect(read).toThrow(InputError);
});

test('any JSON is either read or refused by name, and no box is lost without a count', () => {
  const entry = fc.oneof(
    fc.jsonValue(),
    fc.record({
      image_id: fc.constantFrom(1, 2),
      category_id: fc.constant(7),
      bbox: fc.array(fc.double(), { maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(entry), (values) => {
      const { annotations, warnings } = parse({ annotations: values });
      const numSkipped = warnings.reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
      expect(annotations[0]!.objects.length + numSkipped).toBe(values.length);
    }),
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(() => parseCoco(text, 'coco.json', ['.'], new CountedWarnings())).toThrow(InputError);
    }),
  );
});
