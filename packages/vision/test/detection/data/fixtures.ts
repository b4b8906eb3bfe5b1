import { plainPicture } from '../../data/fixtures.ts';

export interface VocBox {
  readonly name?: string;
  readonly corners: readonly (number | string)[];
  readonly difficult?: boolean;
}

/** An annotation as labelling tools write it. */
export function vocXml(filename: string, boxes: readonly VocBox[], { width = 40, height = 30 } = {}): string {
  const objects = boxes.map(({ name = 'cell', corners: [left, top, right, bottom], difficult = false }) => {
    const box = `<xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right}</xmax><ymax>${bottom}</ymax>`;
    return `<object><name>${name}</name><difficult>${Number(difficult)}</difficult><bndbox>${box}</bndbox></object>`;
  });
  return `<annotation>
  <folder>pictures</folder><filename>${filename}</filename>
  <size><width>${width}</width><height>${height}</height><depth>3</depth></size>
  ${objects.join('\n  ')}
</annotation>`;
}

/** A picture of 40×30 pixels, as PNG or JPEG. */
export async function picture(format: 'png' | 'jpeg' = 'png'): Promise<Uint8Array> {
  const plain = plainPicture([200, 100, 50], { height: 30, width: 40 });
  return format === 'png' ? plain.png().toBuffer() : plain.jpeg().toBuffer();
}

export interface CocoParts {
  readonly images?: readonly unknown[];
  readonly annotations?: readonly unknown[];
  readonly categories?: readonly unknown[];
}

/** One picture `a.png` with one box, except for what is given. */
export function cocoJson(parts: CocoParts = {}): string {
  return JSON.stringify({
    images: [{ id: 1, file_name: 'a.png', width: 40, height: 30 }],
    annotations: [{ id: 1, image_id: 1, category_id: 7, bbox: [2, 3, 10, 5], iscrowd: 0 }],
    categories: [{ id: 7, name: 'cell' }],
    ...parts,
  });
}
