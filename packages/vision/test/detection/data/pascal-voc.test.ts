import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseVocAnnotation } from '../../../src/detection/data/pascal-voc.ts';
import { vocXml } from './fixtures.ts';

function parse(text: string) {
  return parseVocAnnotation(text, 'folder/0001.xml', ['pictures', 'more']);
}

test('corners become left, top, width and height', () => {
  const { objects, width, height } = parse(
    vocXml('a.jpg', [
      { corners: [5, 6, 15, 26], difficult: true },
      { name: 'x & y'.replace('&', '&amp;'), corners: [1.5, 2, 4, 8] },
    ]),
  );
  expect([width, height]).toEqual([40, 30]);
  expect(objects).toEqual([
    { className: 'cell', left: 5, top: 6, width: 10, height: 20, isCrowd: false, isDifficult: true },
    { className: 'x & y', left: 1.5, top: 2, width: 2.5, height: 6, isCrowd: false, isDifficult: false },
  ]);
});

test('the parts of an object are not taken for objects, nor their boxes for its own', () => {
  const part =
    '<part><object><name>head</name></object><name>head</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></bndbox></part>';
  const { objects } = parse(vocXml('a.jpg', [{ corners: [5, 6, 15, 26] }]).replace('<name>cell', `${part}<name>cell`));
  expect(objects).toMatchObject([{ className: 'cell', left: 5 }]);
});

test('the picture is looked for under its name, whatever path that has, and then under the name of the file', () => {
  const { pictureFiles } = parse(vocXml('C:\\labels\\a.jpg', []));
  expect(pictureFiles.slice(0, 2)).toEqual(['pictures/a.jpg', 'pictures/0001.jpg']);
  expect(pictureFiles).toContain('more/0001.png');
});

test('a size that is missing or zero is left open', () => {
  expect(parse(vocXml('a.jpg', [], { width: 0 })).width).toBeUndefined();
  expect(parse('<annotation/>')).toMatchObject({ width: undefined, height: undefined, objects: [] });
});

test('a byte order mark in front is no error', () => {
  expect(parse(`\uFEFF${vocXml('a.jpg', [])}`).width).toBe(40);
});

test.each([
  ['<annotation><object></annotation>', 'folder/0001.xml: expected XML; '],
  ['', 'folder/0001.xml: expected XML; '],
  ['<html/>', 'expected the XML of Pascal VOC with the root <annotation>, got <html>'],
  ['<annotation><object/></annotation>', 'folder/0001.xml: expected a <bndbox> in every <object>'],
])('%j is refused', (text, message) => {
  expect(() => parse(text)).toThrow(message);
  expect(() => parse(text)).toThrow(InputError);
});

test('coordinates that are no numbers come as NaN', () => {
  expect(parse(vocXml('a', [{ corners: ['left', 2, 3, 4] }])).objects[0]).toMatchObject({
    left: NaN,
    width: NaN,
    top: 2,
  });
});

test('any boxes come back as they were written', () => {
  const coordinate = fc.integer({ min: -1000, max: 1000 });
  const box = fc.record({
    name: fc.stringMatching(/^[a-zA-Z][\w-]{0,8}$/),
    corners: fc.tuple(coordinate, coordinate, coordinate, coordinate),
    difficult: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(box), (boxes) => {
      const expected = boxes.map(({ name, corners: [left, top, right, bottom], difficult }) => ({
        className: name,
        left,
        top,
        width: right - left,
        height: bottom - top,
        isCrowd: false,
        isDifficult: difficult,
      }));
      expect(parse(vocXml('a.jpg', boxes)).objects).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('a file cut short anywhere is refused with its name, never with another error', () => {
  const text = vocXml('a.jpg', [{ corners: [5, 6, 15, 26] }]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
      expect(() => parse(text.slice(0, length))).toThrow(InputError);
    }),
  );
});

test('any text is either read or refused by name', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<annotation>', '<object>', '</object>', '&', '<', 'a', ']]>', '"') }),
      (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      },
    ),
  );
});
