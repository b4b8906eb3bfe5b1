import sharp, { type OverlayOptions } from 'sharp';
import { html } from '../report/html.ts';
import { groupPictures, readRows, type PicturedRuns, type ReadPicture } from '../report/picture-rows.ts';
import { fileColors } from '../report/theme.ts';
import type { Results } from '../results/schema.ts';

/** The sheet's file, beside the results that it is of. */
export const sheetFile = 'reconstructions.png';

/** How many times its own size a picture is drawn, without smoothing: its pixels are what the model saw. */
const scale = 2;

const [labelWidth, gap, margin] = [150, 6, 12];

/** The runs whose reconstructions the sheet shows. */
export function sheetGroup(results: Pick<Results, 'runs'>): PicturedRuns | undefined {
  return groupPictures(results).find(([{ pictures }]) => pictures.kind === 'reconstruction');
}

/**
 * The first comparison's reconstructions as one PNG that stands alone: a row of pictures for the originals, for what is
 * visible, and for each method. Null where there are none.
 */
export async function drawPictureSheet(
  results: Pick<Results, 'runs'>,
  readPicture: ReadPicture,
): Promise<Uint8Array | null> {
  const group = sheetGroup(results);
  if (group === undefined) return null;
  const overlays: OverlayOptions[] = [];
  let [top, width] = [margin, 0];
  for (const { label, png } of await readRows(group, readPicture)) {
    const size = await sharp(png).metadata();
    const input = await sharp(png)
      .resize(scale * size.width, scale * size.height, { kernel: 'nearest' })
      .png()
      .toBuffer();
    const height = scale * size.height;
    overlays.push({ input: drawLabel(label, height), left: margin, top }, { input, left: margin + labelWidth, top });
    top += height + gap;
    width = Math.max(width, scale * size.width);
  }
  const sheet = { width: 2 * margin + labelWidth + width, height: top - gap + margin };
  return sharp({ create: { ...sheet, channels: 3, background: fileColors.background } })
    .composite(overlays)
    .png()
    .toBuffer();
}

function drawLabel(label: string, height: number): Buffer {
  const text = html`<text x="0" y="${height / 2 + 5}" font-family="sans-serif" font-size="15" fill="${fileColors.text}">
    ${label}
  </text>`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${labelWidth}" height="${height}">${text.markup}</svg>`,
  );
}
