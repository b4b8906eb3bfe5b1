import path from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { ImageShape } from '../../src/data/image-dataset.ts';
import { decodeImage } from '../../src/data/decode-image.ts';
import { makeFolder, plainPicture, writeFiles } from './fixtures.ts';

const shape: ImageShape = { height: 8, width: 8, numChannels: 3 };

async function decode(
  bytes: Uint8Array,
  to = shape,
): Promise<{ first: number[]; all: Uint8Array; isAnimated: boolean }> {
  const folder = await makeFolder();
  await writeFiles(folder, { picture: bytes });
  const decoded = await decodeImage(path.join(folder, 'picture'), to);
  if (!('pixels' in decoded)) throw new Error(decoded.reason);
  return {
    first: [...decoded.pixels.subarray(0, to.numChannels)],
    all: decoded.pixels,
    isAnimated: decoded.isAnimated,
  };
}

test.each(['png', 'webp', 'jpeg'] as const)('%s', async (format) => {
  const bytes = await plainPicture([200, 100, 50]).toFormat(format, { quality: 100 }).toBuffer();
  const { first, all } = await decode(bytes);
  expect(all).toHaveLength(192);
  [200, 100, 50].forEach((value, channel) => expect(Math.abs(first[channel]! - value)).toBeLessThanOrEqual(3));
});

test('CMYK becomes sRGB', async () => {
  const bytes = await plainPicture([200, 200, 200]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  expect((await sharp(bytes).metadata()).space).toBe('cmyk');
  const { first, all } = await decode(bytes);
  expect(all).toHaveLength(192);
  for (const value of first) expect(Math.abs(value - 200)).toBeLessThan(25);
});

test('16-bit values keep their brightness', async () => {
  const { first } = await decode(png16(16, 16, 0x8080));
  expect(first).toEqual([128, 128, 128]);
});

test('transparency lies over white', async () => {
  const background = { r: 255, g: 0, b: 0, alpha: 0 };
  const bytes = await sharp({ create: { height: 16, width: 16, channels: 4, background } })
    .png()
    .toBuffer();
  expect((await decode(bytes)).first).toEqual([255, 255, 255]);
});

test('of an animation the first frame is taken, and said so', async () => {
  const frames = [await plainPicture([255, 0, 0]).png().toBuffer(), await plainPicture([0, 0, 255]).png().toBuffer()];
  const bytes = await sharp(frames, { join: { animated: true } })
    .webp({ lossless: true })
    .toBuffer();
  expect(await decode(bytes)).toMatchObject({ first: [255, 0, 0], isAnimated: true });
});

test('grey pictures become three equal channels, colors one grey channel', async () => {
  const grey = await plainPicture([77, 77, 77]).toColourspace('b-w').png().toBuffer();
  expect((await decode(grey)).first).toEqual([77, 77, 77]);
  const color = await plainPicture([77, 77, 77]).png().toBuffer();
  expect((await decode(color, { ...shape, numChannels: 1 })).first).toEqual([77]);
});

test('the orientation tag is applied before the crop', async () => {
  // Left half black, right half white; turned by 90° clockwise, black is on top.
  const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 0 : 255));
  const bytes = await sharp(pixels, { raw: { height: 16, width: 16, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const { all } = await decode(bytes);
  expect([all[0], all[7 * 3], all[7 * 8 * 3]]).toEqual([0, 0, 255]);
});

test('a long picture is cropped around its centre', async () => {
  // Three squares side by side, the middle one white.
  const pixels = Uint8Array.from({ length: 16 * 48 * 3 }, (_, i) => (Math.floor(i / 3 / 16) % 3 === 1 ? 255 : 0));
  const bytes = await sharp(pixels, { raw: { height: 16, width: 48, channels: 3 } })
    .png()
    .toBuffer();
  const { all } = await decode(bytes, { height: 16, width: 16, numChannels: 3 });
  expect(all[(8 * 16 + 8) * 3]).toBe(255);
  expect(all.reduce((sum, value) => sum + value, 0) / all.length).toBeGreaterThan(245);
});

test('a picture that is too small says its size', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'a.png': await plainPicture([0, 0, 0], { height: 1, width: 1 }).png().toBuffer() });
  expect(await decodeImage(path.join(folder, 'a.png'), shape)).toEqual({ skipped: 'too small', reason: '1×1' });
});

/** A PNG of 16 bits a channel, every sample the same; sharp itself writes them only through a color conversion. */
function png16(height: number, width: number, sample: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([16, 2], 8);
  const row = Buffer.alloc(1 + width * 6);
  for (let i = 0; i < width * 3; i++) row.writeUInt16BE(sample, 1 + 2 * i);
  const rows = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
