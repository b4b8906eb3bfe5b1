import { InputError } from '@qb-heat/core';
import sharp from 'sharp';

/** Pictures of one column of a sheet. */
export interface SheetColumn {
  /** Pixels from 0 to 1, `[numPictures, height, width, numChannels]`, row-major. */
  readonly pixels: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly numChannels: 1 | 3;
}

export interface SheetOptions {
  /** Height and width in pixels of every picture on the sheet; they are enlarged without smoothing. */
  readonly tileHeight: number;
  readonly tileWidth: number;
  /** White pixels between pictures. Default 2. */
  readonly gap?: number;
}

/**
 * Pictures in rows and columns as a PNG: row i holds picture i of every column.
 *
 * @throws InputError if the columns hold different numbers of pictures.
 */
export async function drawContactSheet(columns: readonly SheetColumn[], options: SheetOptions): Promise<Uint8Array> {
  const { tileHeight, tileWidth, gap = 2 } = options;
  const counts = columns.map(
    ({ pixels, height, width, numChannels }) => pixels.length / (height * width * numChannels),
  );
  const numRows = counts[0] ?? 0;
  if (numRows === 0 || counts.some((count) => count !== numRows)) {
    throw new InputError(`drawContactSheet: columns must hold equally many pictures, got ${counts.join(', ')}`);
  }
  const sheetHeight = numRows * (tileHeight + gap) - gap;
  const sheetWidth = columns.length * (tileWidth + gap) - gap;
  const sheet = new Uint8Array(sheetHeight * sheetWidth * 3).fill(255);
  columns.forEach(({ pixels, height, width, numChannels }, column) => {
    for (let row = 0; row < numRows; row++) {
      for (let y = 0; y < tileHeight; y++) {
        for (let x = 0; x < tileWidth; x++) {
          const fromY = row * height + Math.floor((y * height) / tileHeight);
          const from = (fromY * width + Math.floor((x * width) / tileWidth)) * numChannels;
          const to = ((row * (tileHeight + gap) + y) * sheetWidth + column * (tileWidth + gap) + x) * 3;
          for (let color = 0; color < 3; color++) {
            sheet[to + color] = Math.round(255 * pixels[from + (numChannels === 3 ? color : 0)]!);
          }
        }
      }
    }
  });
  return sharp(sheet, { raw: { height: sheetHeight, width: sheetWidth, channels: 3 } })
    .png()
    .toBuffer();
}
