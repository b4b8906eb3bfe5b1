import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { loadPictures, mirrorPictures } from '../../../src/detection/data/load-pictures.ts';
import { makeFolder, writeFiles } from '../../data/fixtures.ts';

test('pictures are resized side by side, without cropping, to the channels that are asked for', async () => {
  const folder = await makeFolder();
  const file = path.join(folder, 'a.png');
  // Left half red, right half blue, 8×4.
  const pixels = Uint8Array.from({ length: 8 * 4 * 3 }, (_, i) =>
    i % 3 === (Math.floor(i / 3) % 8 < 4 ? 0 : 2) ? 255 : 0,
  );
  await sharp(pixels, { raw: { width: 8, height: 4, channels: 3 } })
    .png()
    .toFile(file);
  const color = await loadPictures([{ file }, { file }], { height: 4, width: 8, numChannels: 3 });
  expect(color).toEqual(Uint8Array.from([...pixels, ...pixels]));
  const squashed = await loadPictures([{ file }], { height: 4, width: 4, numChannels: 3 });
  expect([...squashed.subarray(0, 3)].map((value) => value > 128)).toEqual([true, false, false]);
  expect([...squashed.subarray(9, 12)].map((value) => value > 128)).toEqual([false, false, true]);
  expect(await loadPictures([{ file }], { height: 4, width: 8, numChannels: 1 })).toHaveLength(32);
});

test('a picture that does not decode is refused by name', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'a.png': 'no picture' });
  const file = path.join(folder, 'a.png');
  await expect(loadPictures([{ file }], { height: 2, width: 2, numChannels: 3 })).rejects.toThrow(
    `${file}: expected a picture; `,
  );
});

test('mirroring swaps left and right of every row and keeps colors together', () => {
  const pixels = Uint8Array.from({ length: 2 * 1 * 3 * 3 }, (_, i) => i);
  const mirrored = mirrorPictures(pixels, { height: 1, width: 3, numChannels: 3 });
  expect([...mirrored]).toEqual([6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11]);
});
