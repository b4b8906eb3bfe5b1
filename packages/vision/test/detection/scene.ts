import path from 'node:path';
import { createRandom } from '@qb-heat/training';
import sharp from 'sharp';
import { ImageBackbone } from '../../src/index.ts';
import type { AnnotatedPicture, BackboneOptions } from '../../src/index.ts';
import { tinyImage } from '../models.ts';

export const classes = ['red', 'blue'];

/** A convnet for pictures of 8×8 pixels in patches of 2. The caller disposes it. */
export function tinyBackbone(encoder: BackboneOptions['encoder'] = { kind: 'convnet', dim: 16, depths: [1, 1, 1] }) {
  return new ImageBackbone({ image: tinyImage, patchSize: 2, encoder });
}

/** A small convnet for the pictures below, which have 6×8 patches of 4 pixels. */
export function squaresBackbone(seed = 0) {
  return new ImageBackbone({
    image: tinyImage,
    patchSize: 4,
    encoder: { kind: 'convnet', dim: 16, depths: [0, 0, 1], kernelSize: 3 },
    seed,
  });
}

/** Writes pictures of 32×24 pixels, each with a red and a blue square on grey, and gives their annotations. */
export async function drawSquares(folder: string, count: number, seed = 0): Promise<AnnotatedPicture[]> {
  const random = createRandom(seed);
  const pictures: AnnotatedPicture[] = [];
  for (let i = 0; i < count; i++) {
    const [width, height] = [32, 24];
    const pixels = new Uint8Array(width * height * 3).fill(120);
    const boxes = [0, 1].flatMap((half) => {
      const [side, top] = [8, random.integer(17)];
      const left = half * 16 + random.integer(9);
      for (let y = top; y < top + side; y++) {
        for (let x = left; x < left + side; x++)
          pixels.set(half === i % 2 ? [250, 20, 20] : [20, 20, 250], (y * width + x) * 3);
      }
      return [left, top, side, side];
    });
    const file = path.join(folder, `${seed}-${i}.png`);
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
    pictures.push({
      file,
      width,
      height,
      boxes: Float32Array.from(boxes),
      labels: Int32Array.of(i % 2, 1 - (i % 2)),
      isCrowd: new Uint8Array(2),
      isDifficult: new Uint8Array(2),
    });
  }
  return pictures;
}
