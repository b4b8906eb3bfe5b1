import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawContactSheet } from '../../src/pictures/contact-sheet.ts';

test('picture i of every column lies in row i, enlarged without smoothing', async () => {
  // Two grey pictures of 1×2 and two red ones of 1×1.
  const grey = { pixels: [0, 1, 0.2, 0.4], height: 1, width: 2, numChannels: 1 } as const;
  const red = { pixels: [1, 0, 0, 0.6, 0, 0], height: 1, width: 1, numChannels: 3 } as const;
  const png = await drawContactSheet([grey, red], { tileHeight: 2, tileWidth: 4, gap: 1 });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.height, info.width, info.channels]).toEqual([5, 9, 3]);
  const row = (y: number) =>
    Array.from({ length: 9 }, (_, x) => data.subarray((y * 9 + x) * 3, (y * 9 + x) * 3 + 3).join());
  const [black, white] = ['0,0,0', '255,255,255'];
  expect(row(0)).toEqual([black, black, white, white, white, ...Array(4).fill('255,0,0')]);
  expect(row(1)).toEqual(row(0));
  expect(row(2)).toEqual(Array(9).fill(white));
  expect(row(3)).toEqual(['51,51,51', '51,51,51', '102,102,102', '102,102,102', white, ...Array(4).fill('153,0,0')]);
});

test('columns of different lengths are refused', async () => {
  const one = { pixels: [0], height: 1, width: 1, numChannels: 1 } as const;
  const two = { ...one, pixels: [0, 0] };
  await expect(drawContactSheet([one, two], { tileHeight: 1, tileWidth: 1 })).rejects.toThrow(
    'drawContactSheet: columns must hold equally many pictures, got 1, 2',
  );
});
