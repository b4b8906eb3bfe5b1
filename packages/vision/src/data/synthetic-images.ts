import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { Random } from '@qb-heat/training';
import { imageSize } from './image-dataset.ts';
import type { ImageDataset, ImageShape, ImageSplit } from './image-dataset.ts';
import { shapeNames, drawShape } from './synthetic-shapes.ts';
import { drawTexture, textureNames } from './synthetic-textures.ts';

export interface SyntheticImagesOptions {
  /** Height and width in pixels, at least 16. Default 32. */
  readonly size?: number;
  /** Training images. Default 4,000. */
  readonly numTrain?: number;
  /** Test images. Default 1,000. */
  readonly numTest?: number;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * Generated pictures for trying things out without any download: one textured shape over a background whose spectrum
 * falls as 1/f, as that of photos does. A class is a shape together with a texture; place, size, turn, colors and light
 * vary within it, and either the shape or the background is the brighter one, so that no color and no pixel tells the
 * class. Image number i depends on the seed and i alone.
 *
 * @throws InputError on an option out of range.
 */
export function syntheticImages(options: SyntheticImagesOptions = {}): ImageDataset {
  const { size = 32, numTrain = 4000, numTest = 1000, seed = 0 } = options;
  for (const [name, value, least] of [
    ['size', size, 16],
    ['numTrain', numTrain, 1],
    ['numTest', numTest, 1],
  ] as const) {
    if (!(Number.isInteger(value) && value >= least)) {
      throw new InputError(`syntheticImages: ${name} must be a whole number of at least ${least}, got ${value}`);
    }
  }
  const shape: ImageShape = { height: size, width: size, numChannels: 3 };
  const random = createRandom(seed).fork('synthetic images');
  return {
    name: 'synthetic shapes',
    synthetic: true,
    ...shape,
    classes: shapeNames.flatMap((form) => textureNames.map((texture) => `${texture} ${form}`)),
    train: drawSplit(numTrain, shape, random.fork('train')),
    test: drawSplit(numTest, shape, random.fork('test')),
    warnings: [],
  };
}

function drawSplit(numImages: number, shape: ImageShape, random: Random): ImageSplit {
  const numClasses = shapeNames.length * textureNames.length;
  const images = new Uint8Array(numImages * imageSize(shape));
  const labels = new Int32Array(numImages);
  for (let i = 0; i < numImages; i++) {
    // Every run of as many images as there are classes holds each class once, in a drawn order.
    const order = random
      .fork('order')
      .fork(Math.floor(i / numClasses))
      .permutation(numClasses);
    labels[i] = order[i % numClasses]!;
    images.set(drawImage(labels[i]!, shape.height, random.fork(i)), i * imageSize(shape));
  }
  return { images, labels };
}

function drawImage(label: number, size: number, random: Random): Uint8Array {
  const light = drawPinkNoise(size, random);
  const tint = drawPinkNoise(size, random);
  const drift = drawTint(random);
  const { background, ink } = drawColors(random);
  const coverage = drawShape(shapeNames[Math.floor(label / textureNames.length)]!, size, random);
  const texture = drawTexture(textureNames[label % textureNames.length]!, size, random);
  const pixels = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const shine = 0.07 * light[pixel]! + 0.02 * random.normal();
    // The background shines through the texture, so that no plain color outlines the shape.
    const opacity = coverage[pixel]! * (0.1 + 0.8 * texture[pixel]!);
    for (let channel = 0; channel < 3; channel++) {
      const behind = background[channel]! + 0.5 * drift[channel]! * tint[pixel]!;
      const value = behind + opacity * (ink[channel]! - behind) + shine;
      pixels[pixel * 3 + channel] = 255 * Math.min(1, Math.max(0, value));
    }
  }
  return pixels;
}

/** A bright and a dark color; by chance either is the background. */
function drawColors(random: Random): { background: number[]; ink: number[] } {
  const dark = 0.15 + 0.25 * random.uniform();
  const bright = dark + 0.35 + 0.15 * random.uniform();
  const [background, ink] = random.uniform() < 0.5 ? [dark, bright] : [bright, dark];
  return {
    background: drawTint(random).map((value) => background + value),
    ink: drawTint(random).map((value) => ink + value),
  };
}

/** A difference from grey. */
function drawTint(random: Random): number[] {
  return [0, 1, 2].map(() => 0.2 * (random.uniform() - 0.5));
}

/**
 * A random field of variance about 1 whose amplitude falls as 1/f: octaves of smooth noise, each of half the size and
 * the same variance as the one before. What lies further away than an octave's cells is independent in it, as in photos
 * one place says little of the fine detail of another.
 *
 * @returns `[size, size]`.
 */
function drawPinkNoise(size: number, random: Random): Float64Array {
  const field = new Float64Array(size * size);
  let numOctaves = 0;
  for (let cell = size / 2; cell >= 2; cell /= 2) {
    addOctave(field, size, cell, random);
    numOctaves++;
  }
  return field.map((value) => value / Math.sqrt(numOctaves));
}

/** Adds normal noise that is drawn at the corners of square cells and interpolated smoothly between them. */
function addOctave(field: Float64Array, size: number, cell: number, random: Random): void {
  const numCorners = Math.ceil(size / cell) + 2;
  const corners = random.normals(numCorners * numCorners);
  const [offsetX, offsetY] = [random.uniform(), random.uniform()];
  // With a share w on one side, (1 − w)² + w² of the variance is left on each axis: on average 26/35.
  const scale = 35 / 26;
  for (let y = 0; y < size; y++) {
    const [row, down] = place(y / cell + offsetY);
    for (let x = 0; x < size; x++) {
      const [column, across] = place(x / cell + offsetX);
      const at = row * numCorners + column;
      const top = corners[at]! + across * (corners[at + 1]! - corners[at]!);
      const bottom = corners[at + numCorners]! + across * (corners[at + numCorners + 1]! - corners[at + numCorners]!);
      field[y * size + x]! += scale * (top + down * (bottom - top));
    }
  }
}

/** The cell that a coordinate lies in, and how far, eased so that slopes meet at the corners. */
function place(coordinate: number): [cell: number, share: number] {
  const cell = Math.floor(coordinate);
  const share = coordinate - cell;
  return [cell, share * share * (3 - 2 * share)];
}
