import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError } from '@qb-heat/core';
import type { ImageShape, ImageSplit } from './image-dataset.ts';

/** An array of unsigned bytes as an IDX file stores it. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Uint8Array;
}

/** Type byte of unsigned bytes, the only one that image sets use. */
const UNSIGNED_BYTE = 0x08;

const idxFile = /^(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;

/** Whether a folder with these entries holds an image set in IDX files, such as MNIST or Fashion-MNIST. */
export function isIdx(entries: readonly string[]): boolean {
  return entries.some((entry) => idxFile.test(entry));
}

/**
 * An IDX array: two zero bytes, a type byte, the number of dimensions, each dimension as a big-endian 32-bit integer,
 * then the values (http://yann.lecun.com/exdb/mnist, "The IDX file format").
 *
 * @param file what errors call the bytes.
 * @throws InputError if the header is none, the type is not unsigned byte, or the values don't fill the shape.
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new InputError(
      `${file}: expected an IDX file (two zero bytes, a type, a number of dimensions), ` +
        `got ${bytes.length} bytes that begin with [${[...bytes.subarray(0, 4)].join(', ')}]`,
    );
  }
  const type = bytes[2]!;
  if (type !== UNSIGNED_BYTE) {
    throw new InputError(`${file}: expected values of IDX type 0x08 (unsigned byte), got 0x${hex(type)}`);
  }
  const rank = bytes[3]!;
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new InputError(`${file}: the IDX header of ${rank} dimensions is truncated: got ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - header !== size) {
    throw new InputError(
      `${file}: expected ${size} bytes of values for shape [${shape.join(', ')}], got ${bytes.length - header}; ` +
        `the file is truncated or damaged`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

/**
 * Every image of a folder of IDX files named as MNIST's: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and,
 * where they exist, `t10k-…` or `test-…`; each plain or with `.gz`.
 *
 * @returns grey images; class names are the numbers, since the files hold none.
 * @throws InputError on a missing or damaged file or if images and labels don't match, naming the file.
 */
export async function readIdxFolder(
  folder: string,
): Promise<{ shape: ImageShape; classes: string[]; train: ImageSplit; test: ImageSplit | undefined }> {
  const files = (await readdir(folder)).filter((entry) => idxFile.test(entry));
  const train = await readPart(folder, files, ['train']);
  if (train === undefined) {
    throw new InputError(`${folder}: expected train-images-idx3-ubyte(.gz) and train-labels-idx1-ubyte(.gz)`);
  }
  const test = await readPart(folder, files, ['t10k', 'test']);
  if (test !== undefined && (test.shape.height !== train.shape.height || test.shape.width !== train.shape.width)) {
    throw new InputError(
      `${test.file}: expected test images of ${train.shape.height}×${train.shape.width} like the training images, ` +
        `got ${test.shape.height}×${test.shape.width}`,
    );
  }
  const numClasses = [train, test].reduce((most, part) => part?.split.labels.reduce(max, most) ?? most, 0) + 1;
  return {
    shape: train.shape,
    classes: Array.from({ length: numClasses }, (_, label) => String(label)),
    train: train.split,
    test: test?.split,
  };
}

async function readPart(folder: string, files: readonly string[], names: readonly string[]) {
  const find = (kind: string) =>
    files.find((file) => {
      const [, part, fileKind] = idxFile.exec(file)!;
      return names.includes(part!) && fileKind === kind;
    });
  const images = find('images');
  const labels = find('labels');
  if (images === undefined && labels === undefined) return undefined;
  if (images === undefined || labels === undefined) {
    const missing = images === undefined ? 'images' : 'labels';
    throw new InputError(
      `${path.join(folder, (images ?? labels)!)}: found without its ${names[0]}-${missing}-idx${missing === 'images' ? 3 : 1}-ubyte(.gz)`,
    );
  }
  const file = path.join(folder, images);
  const pixels = parseIdx(await readBytes(file), file);
  const labelFile = path.join(folder, labels);
  const classes = parseIdx(await readBytes(labelFile), labelFile);
  const [numImages = 0, height = 0, width = 0] = pixels.shape;
  if (pixels.shape.length !== 3 || pixels.data.length === 0) {
    throw new InputError(`${file}: expected shape [images, height, width], got [${pixels.shape.join(', ')}]`);
  }
  if (classes.shape.length !== 1 || classes.shape[0] !== numImages) {
    throw new InputError(
      `${labelFile}: expected shape [${numImages}], one label for each image, got [${classes.shape.join(', ')}]`,
    );
  }
  const split: ImageSplit = { images: pixels.data, labels: Int32Array.from(classes.data) };
  return { file, shape: { height, width, numChannels: 1 } satisfies ImageShape, split };
}

async function readBytes(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  if (!file.endsWith('.gz')) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    throw new InputError(`${file}: expected gzip data: ${(error as Error).message}`, { cause: error });
  }
}

function max(a: number, b: number): number {
  return Math.max(a, b);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
