import sharp from 'sharp';
import type { AnnotatedPicture } from './data/detection-dataset.ts';
import type { Detections } from './boxes.ts';

export interface DrawDetectionsOptions {
  /** Detections that are less sure are not drawn. Default 0.3. */
  readonly minScore?: number;
  /** Width in pixels that each picture is drawn at. Default 320. */
  readonly width?: number;
}

/** Well apart from each other, and for most with any color vision (Okabe and Ito). */
const colors = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;
const GAP = 4;

/**
 * A PNG with a row for each picture: what is marked on it, dashed where it is a crowd | what was found, with the score in
 * percent. Colors are those of the classes, which the first letter of a box names.
 *
 * @param pictures at least one.
 * @param detections of each picture.
 */
export async function drawDetections(
  pictures: readonly AnnotatedPicture[],
  detections: readonly Detections[],
  classes: readonly string[],
  { minScore = 0.3, width = 320 }: DrawDetectionsOptions = {},
): Promise<Uint8Array> {
  const tiles: { input: Buffer; left: number; top: number }[] = [];
  let top = 0;
  for (const [i, picture] of pictures.entries()) {
    const { boxes, labels, scores } = detections[i]!;
    const height = Math.round((picture.height * width) / picture.width);
    const plain = await sharp(picture.file)
      .flatten({ background: 'white' })
      .resize(width, height, { fit: 'fill' })
      .toBuffer();
    const marked = drawBoxes(picture, width, height, (box) => ({
      label: picture.labels[box]!,
      text: nameOf(classes, picture.labels[box]!),
      isDashed: picture.isCrowd[box] === 1,
    }));
    const sure = [...scores.keys()].filter((box) => scores[box]! >= minScore);
    const found = drawBoxes(
      { ...picture, boxes: Float32Array.from(sure.flatMap((box) => [...boxes.subarray(4 * box, 4 * box + 4)])) },
      width,
      height,
      (box) => {
        const label = labels[sure[box]!]!;
        return { label, text: `${nameOf(classes, label)} ${Math.round(100 * scores[sure[box]!]!)}`, isDashed: false };
      },
    );
    for (const [column, overlay] of [marked, found].entries()) {
      const input = await sharp(plain)
        .composite([{ input: Buffer.from(overlay) }])
        .png()
        .toBuffer();
      tiles.push({ input, left: column * (width + GAP), top });
    }
    top += height + GAP;
  }
  return sharp({ create: { width: 2 * width + GAP, height: top - GAP, channels: 3, background: 'white' } })
    .composite(tiles)
    .png()
    .toBuffer();
}

interface BoxStyle {
  readonly label: number;
  readonly text: string;
  readonly isDashed: boolean;
}

/** An SVG of the boxes of a picture, drawn at another size. */
function drawBoxes(
  picture: Pick<AnnotatedPicture, 'boxes' | 'width' | 'height'>,
  width: number,
  height: number,
  describe: (box: number) => BoxStyle,
): string {
  const [scaleX, scaleY] = [width / picture.width, height / picture.height];
  const shapes = Array.from({ length: picture.boxes.length / 4 }, (_, box) => {
    const { label, text, isDashed } = describe(box);
    const [left, top, boxWidth, boxHeight] = [0, 1, 2, 3].map(
      (side) => picture.boxes[4 * box + side]! * (side % 2 === 0 ? scaleX : scaleY),
    );
    const color = colors[label % colors.length]!;
    const dashes = isDashed ? ' stroke-dasharray="4 3"' : '';
    return (
      `<rect x="${left}" y="${top}" width="${boxWidth}" height="${boxHeight}" fill="none" stroke="${color}" ` +
      `stroke-width="2"${dashes}/><text x="${left! + 3}" y="${top! + 11}" fill="${color}">${escape(text)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="10" font-weight="bold">${shapes.join('')}</svg>`
  );
}

function nameOf(classes: readonly string[], label: number): string {
  return classes[label]?.charAt(0).toUpperCase() ?? '';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
