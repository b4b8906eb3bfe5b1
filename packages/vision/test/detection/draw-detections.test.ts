import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawDetections } from '../../src/detection/draw-detections.ts';
import { makeFolder } from '../data/fixtures.ts';
import { classes, drawSquares } from './scene.ts';

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    ...info,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  };
}

test('a row a picture: its boxes to the left, what was found to the right, in the colors of the classes', async () => {
  const [first, second] = await drawSquares(await makeFolder(), 2);
  const picture = {
    ...first!,
    boxes: Float32Array.of(8, 8, 16, 8),
    labels: Int32Array.of(1),
    isCrowd: Uint8Array.of(0),
  };
  const found = {
    boxes: Float32Array.of(4, 4, 8, 16, 20, 4, 8, 16),
    labels: Int32Array.of(0, 0),
    scores: Float32Array.of(0.9, 0.2),
  };
  const none = { boxes: new Float32Array(0), labels: new Int32Array(0), scores: new Float32Array(0) };
  const sheet = await pixelsOf(await drawDetections([picture, second!], [found, none], ['a', '<b'], { width: 160 }));
  // 32×24 pixels are drawn at 160×120, five times as large.
  expect([sheet.width, sheet.height]).toEqual([160 + 4 + 160, 120 + 4 + 120]);
  const [orange, blue] = [
    [230, 159, 0],
    [86, 180, 233],
  ];
  expect(sheet.at(80, 80)).toEqual(blue);
  expect(sheet.at(120, 60)).toEqual(blue);
  expect(sheet.at(164 + 20, 60)).toEqual(orange);
  expect(sheet.at(164 + 60, 60)).toEqual(orange);
  // What is less sure than 0.3 isn't drawn, nor is anything on the second picture.
  expect(sheet.at(164 + 140, 60)).not.toEqual(orange);
  expect(sheet.at(162, 60)).toEqual([255, 255, 255]);
});

test('crowds are dashed', async () => {
  const [first] = await drawSquares(await makeFolder(), 1);
  const top = async (isCrowd: number) => {
    const picture = {
      ...first!,
      boxes: Float32Array.of(4, 4, 24, 16),
      labels: Int32Array.of(0),
      isCrowd: Uint8Array.of(isCrowd),
    };
    const none = { boxes: new Float32Array(0), labels: new Int32Array(0), scores: new Float32Array(0) };
    const sheet = await pixelsOf(await drawDetections([picture], [none], classes, { width: 160 }));
    const line = Array.from({ length: 100 }, (_, i) => sheet.at(25 + i, 100).join());
    return line.filter((color) => color === '230,159,0').length;
  };
  expect(await top(0)).toBe(100);
  expect(await top(1)).toBeGreaterThan(40);
  expect(await top(1)).toBeLessThan(70);
});
