import sharp from 'sharp';
import type * as tf from '@tensorflow/tfjs';

/** Transparent pixels between two pictures of a row. */
const gap = 2;

/**
 * Pictures side by side, as PNG.
 *
 * @param pictures pixels from 0 to 1, float32 `[numPictures, height, width, 1 or 3]`; the caller keeps it.
 */
export async function encodePictureRow(pictures: tf.Tensor4D): Promise<Uint8Array> {
  const [numPictures, height, width, channels] = pictures.shape;
  const values = await pictures.data<'float32'>();
  const rowWidth = numPictures * (width + gap) - gap;
  const pixels = Buffer.alloc(height * rowWidth * 4);
  for (let picture = 0; picture < numPictures; picture++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const from = ((picture * height + row) * width + column) * channels;
        const to = (row * rowWidth + picture * (width + gap) + column) * 4;
        for (let color = 0; color < 3; color++) {
          pixels[to + color] = Math.round(255 * (values[from + (channels === 1 ? 0 : color)] ?? 0));
        }
        pixels[to + 3] = 255;
      }
    }
  }
  return sharp(pixels, { raw: { width: rowWidth, height, channels: 4 } })
    .png()
    .toBuffer();
}
