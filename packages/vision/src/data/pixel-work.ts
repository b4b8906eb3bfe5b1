import type { Crop } from './augment.ts';
import type { ImageShape } from './image-dataset.ts';

// A worker thread runs the source text of these functions (`pixelWorkerSource`), so that it needs no file of its own and
// starts alike from sources, from a build and from a bundle. They must refer to nothing but each other.

/** Which images a batch holds, and what is to be shown of each. */
export interface PixelTask {
  /** Numbers of the images. */
  readonly items: Int32Array;
  /** One for each image; undefined for all of each. */
  readonly crops: readonly Crop[] | undefined;
}

/** What a worker is started with. */
export interface PixelWorkerData {
  /** Pixels 0 … 255, `[numImages, height, width, numChannels]`, in shared memory. */
  readonly images: Uint8Array;
  readonly shape: ImageShape;
}

/**
 * The pixels of a batch as values from 0 to 1.
 *
 * @param images pixels 0 … 255, `[numImages, height, width, numChannels]`.
 * @returns `[items, height, width, numChannels]`.
 */
export function preparePixels(images: Uint8Array, shape: ImageShape, { items, crops }: PixelTask): Float32Array {
  const size = shape.height * shape.width * shape.numChannels;
  const pixels = new Float32Array(items.length * size);
  for (let i = 0; i < items.length; i++) {
    const image = images.subarray(items[i]! * size, (items[i]! + 1) * size);
    const target = pixels.subarray(i * size, (i + 1) * size);
    if (crops !== undefined) cropImage(image, shape, crops[i]!, target);
    else for (let j = 0; j < size; j++) target[j] = image[j]! / 255;
  }
  return pixels;
}

/**
 * Writes a crop, resized to the whole image (bilinear), as values from 0 to 1.
 *
 * @param pixels 0 … 255, `[height, width, numChannels]`.
 * @param target where to write, `[height, width, numChannels]`.
 */
export function cropImage(pixels: Uint8Array, shape: ImageShape, crop: Crop, target: Float32Array): void {
  const { height, width, numChannels } = shape;
  const rows = sampleLine(height, crop.height, crop.top, false);
  const columns = sampleLine(width, crop.width, crop.left, crop.isMirrored);
  let to = 0;
  for (let row = 0; row < height; row++) {
    const above = rows.before[row]! * width;
    const below = rows.after[row]! * width;
    const down = rows.weight[row]!;
    for (let column = 0; column < width; column++) {
      const left = columns.before[column]!;
      const right = columns.after[column]!;
      const across = columns.weight[column]!;
      for (let channel = 0; channel < numChannels; channel++) {
        const topLeft = pixels[(above + left) * numChannels + channel]!;
        const topRight = pixels[(above + right) * numChannels + channel]!;
        const bottomLeft = pixels[(below + left) * numChannels + channel]!;
        const bottomRight = pixels[(below + right) * numChannels + channel]!;
        const top = topLeft + across * (topRight - topLeft);
        const bottom = bottomLeft + across * (bottomRight - bottomLeft);
        target[to++] = (top + down * (bottom - top)) / 255;
      }
    }
  }
}

/** For each place of a line of `length` pixels that shows a crop: the two pixels that it lies between, and how far. */
function sampleLine(length: number, cropLength: number, cropStart: number, isMirrored: boolean) {
  const before = new Int32Array(length);
  const after = new Int32Array(length);
  const weight = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const place = isMirrored ? length - 1 - i : i;
    const centre = cropStart + ((place + 0.5) * cropLength) / length - 0.5;
    const clamped = Math.min(length - 1, Math.max(0, centre));
    before[i] = Math.floor(clamped);
    after[i] = Math.min(length - 1, before[i]! + 1);
    weight[i] = clamped - before[i]!;
  }
  return { before, after, weight };
}

/** What a worker does: prepare the pixels of each task that it is sent, and hand them over without a copy. */
function servePixels(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { images, shape } = workerData as PixelWorkerData;
  parentPort!.on('message', (task: PixelTask & { readonly id: number }) => {
    const pixels = preparePixels(images, shape, task);
    parentPort!.postMessage({ id: task.id, pixels }, [pixels.buffer as ArrayBuffer]);
  });
}

/** The program of a worker thread. */
export const pixelWorkerSource = `${[sampleLine, cropImage, preparePixels, servePixels].join('\n')}\nservePixels();`;
