import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawPictureSheet } from '../../src/readme/picture-sheet.ts';
import { makeFullResults, readFullPicture } from '../fixtures/full-results.ts';

describe('drawPictureSheet', () => {
  it('puts a row for the originals, one for what is visible and one for each method under each other', async () => {
    const png = await drawPictureSheet(makeFullResults(), readFullPicture);
    const { width, height } = await sharp(png!).metadata();
    const numRows = Math.floor(height / 70);
    expect(numRows).toBeGreaterThanOrEqual(6);
    expect(width).toBeGreaterThan(500);
  });

  it('gives none where no pictures are kept', async () => {
    expect(await drawPictureSheet({ runs: [] }, readFullPicture)).toBeNull();
  });
});
