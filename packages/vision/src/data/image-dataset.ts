/** Pictures of one size with their class numbers. */
export interface ImageSplit {
  /** Pixels from 0 to 255, `[numImages, height, width, numChannels]`, row-major. */
  readonly images: Uint8Array;
  /** Class of each image, from 0, `[numImages]`. */
  readonly labels: Int32Array;
}

/** The size that all pictures of a set share, in pixels. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly numChannels: 1 | 3;
}

/** Labelled pictures of one size, in memory, with a part kept for testing. */
export interface ImageDataset extends ImageShape {
  readonly name: string;
  /** True for generated pictures: whoever shows results has to say so. */
  readonly synthetic: boolean;
  readonly classes: readonly string[];
  readonly train: ImageSplit;
  readonly test: ImageSplit;
  /** What the reader skipped or assumed, one sentence each; empty when there was nothing to tell. */
  readonly warnings: readonly string[];
}

/** Values per image. */
export function imageSize(shape: ImageShape): number {
  return shape.height * shape.width * shape.numChannels;
}

/** The chosen images in the order of `indices`, copied. */
export function takeImages(split: ImageSplit, shape: ImageShape, indices: ArrayLike<number>): ImageSplit {
  const size = imageSize(shape);
  const images = new Uint8Array(indices.length * size);
  const labels = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!;
    images.set(split.images.subarray(from * size, (from + 1) * size), i * size);
    labels[i] = split.labels[from]!;
  }
  return { images, labels };
}

/** The parts one after the other, copied. */
export function concatSplits(parts: readonly ImageSplit[]): ImageSplit {
  const images = new Uint8Array(parts.reduce((sum, part) => sum + part.images.length, 0));
  const labels = new Int32Array(parts.reduce((sum, part) => sum + part.labels.length, 0));
  let image = 0;
  let label = 0;
  for (const part of parts) {
    images.set(part.images, image);
    labels.set(part.labels, label);
    image += part.images.length;
    label += part.labels.length;
  }
  return { images, labels };
}
