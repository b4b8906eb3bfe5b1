import { expect, test } from 'vitest';
import type { Crop } from '../../src/data/augment.ts';
import type { ImageShape } from '../../src/data/image-dataset.ts';
import { cropImage, preparePixels } from '../../src/data/pixel-work.ts';

const whole: Crop = { top: 0, left: 0, height: 4, width: 6, isMirrored: false };
const shape: ImageShape = { height: 4, width: 6, numChannels: 3 };
const picture = Uint8Array.from({ length: 72 }, (_, i) => (i * 37) % 256);

function crop(changes: Partial<Crop>, pixels = picture, of = shape): number[] {
  const target = new Float32Array(pixels.length);
  cropImage(pixels, of, { ...whole, ...changes }, target);
  return Array.from(target, (value) => value * 255);
}

test('a crop of everything is the picture', () => {
  crop({}).forEach((value, i) => expect(value).toBeCloseTo(picture[i]!, 3));
});

test('mirrored, the columns run backwards', () => {
  crop({ isMirrored: true }).forEach((value, i) => {
    const [row, column, channel] = [Math.floor(i / 18), Math.floor(i / 3) % 6, i % 3];
    expect(value).toBeCloseTo(picture[row * 18 + (5 - column) * 3 + channel]!, 3);
  });
});

test('a crop of half the width shows its pixels twice as wide', () => {
  // One row 0 10 20 30, columns 1 to 3: place i lies at 1 + (i + ½)/2 − ½ = 0.75, 1.25, 1.75, 2.25.
  const row: ImageShape = { height: 1, width: 4, numChannels: 1 };
  const values = crop({ left: 1, height: 1, width: 2 }, Uint8Array.of(0, 10, 20, 30), row);
  [7.5, 12.5, 17.5, 22.5].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 3));
});

test('a crop of half the height starts where its top says', () => {
  const column: ImageShape = { height: 4, width: 1, numChannels: 1 };
  const values = crop({ top: 2, height: 2, width: 1 }, Uint8Array.of(0, 10, 20, 30), column);
  // 2 + (i + ½)/2 − ½ = 1.75, 2.25, 2.75, and 3.25, which is held at the last pixel.
  [17.5, 22.5, 27.5, 30].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 3));
});

test('the pixels of a batch are those of its images, in its order, cropped each on its own', () => {
  const images = Uint8Array.from({ length: 3 * 72 }, (_, i) => (i * 31) % 251);
  const plain = preparePixels(images, shape, { items: Int32Array.of(2, 0), crops: undefined });
  plain.forEach((value, i) => expect(value * 255).toBeCloseTo(images[i < 72 ? 144 + i : i - 72]!, 4));
  const crops = [
    { ...whole, isMirrored: true },
    { ...whole, top: 1, height: 2 },
  ];
  const cropped = preparePixels(images, shape, { items: Int32Array.of(2, 0), crops });
  const expected = [...crop(crops[0]!, images.subarray(144)), ...crop(crops[1]!, images.subarray(0, 72))];
  cropped.forEach((value, i) => expect(value * 255).toBeCloseTo(expected[i]!, 4));
});
