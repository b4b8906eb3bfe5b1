import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { concatSplits } from './image-dataset.ts';
import type { ImageShape, ImageSplit } from './image-dataset.ts';

export const cifar10Shape: ImageShape = { height: 32, width: 32, numChannels: 3 };

const NUM_CLASSES = 10;
const NUM_PIXELS = cifar10Shape.height * cifar10Shape.width;
const RECORD_BYTES = 1 + NUM_PIXELS * cifar10Shape.numChannels;

const trainFile = /^data_batch_\d+\.bin$/;
const testFile = 'test_batch.bin';
const classFile = 'batches.meta.txt';

/** Whether a folder with these entries holds the CIFAR-10 binary layout. */
export function isCifar10(entries: readonly string[]): boolean {
  return entries.some((entry) => trainFile.test(entry));
}

/**
 * The images of one CIFAR-10 file. A record is one label byte, then 1,024 red, 1,024 green and 1,024 blue bytes, each
 * plane row by row (https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version").
 *
 * @param file what errors call the bytes.
 * @throws InputError if the length is no whole number of records or a label is above 9.
 */
export function parseCifar10(bytes: Uint8Array, file: string): ImageSplit {
  if (bytes.length === 0 || bytes.length % RECORD_BYTES !== 0) {
    throw new InputError(
      `${file}: expected a whole number of records of ${RECORD_BYTES} bytes (1 label + 32×32×3), ` +
        `got ${bytes.length} bytes; the file is truncated or not in the CIFAR-10 binary layout`,
    );
  }
  const numImages = bytes.length / RECORD_BYTES;
  const images = new Uint8Array(numImages * (RECORD_BYTES - 1));
  const labels = new Int32Array(numImages);
  for (let i = 0; i < numImages; i++) {
    const record = i * RECORD_BYTES;
    const label = bytes[record]!;
    if (label >= NUM_CLASSES) {
      throw new InputError(`${file}: record ${i}: expected a label from 0 to ${NUM_CLASSES - 1}, got ${label}`);
    }
    labels[i] = label;
    const image = i * NUM_PIXELS * 3;
    for (let pixel = 0; pixel < NUM_PIXELS; pixel++) {
      images[image + pixel * 3] = bytes[record + 1 + pixel]!;
      images[image + pixel * 3 + 1] = bytes[record + 1 + NUM_PIXELS + pixel]!;
      images[image + pixel * 3 + 2] = bytes[record + 1 + 2 * NUM_PIXELS + pixel]!;
    }
  }
  return { images, labels };
}

/**
 * Every image of a folder in the CIFAR-10 binary layout: `data_batch_*.bin`, and `test_batch.bin` and
 * `batches.meta.txt` where they exist.
 *
 * @returns `test` is undefined without a `test_batch.bin`; classes are numbered without a `batches.meta.txt`.
 * @throws InputError on a damaged file, naming it.
 */
export async function readCifar10(
  folder: string,
): Promise<{ classes: string[]; train: ImageSplit; test: ImageSplit | undefined }> {
  const entries = await readdir(folder);
  const read = async (entry: string) => {
    const file = path.join(folder, entry);
    return parseCifar10(await readFile(file), file);
  };
  const parts: ImageSplit[] = [];
  for (const entry of entries.filter((name) => trainFile.test(name)).toSorted(byBatchNumber)) {
    parts.push(await read(entry));
  }
  return {
    classes: entries.includes(classFile)
      ? parseClassNames(await readFile(path.join(folder, classFile), 'utf8'), path.join(folder, classFile))
      : Array.from({ length: NUM_CLASSES }, (_, label) => String(label)),
    train: concatSplits(parts),
    test: entries.includes(testFile) ? await read(testFile) : undefined,
  };
}

function byBatchNumber(a: string, b: string): number {
  return Number(a.match(/\d+/)![0]) - Number(b.match(/\d+/)![0]);
}

function parseClassNames(text: string, file: string): string[] {
  const names = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (names.length !== NUM_CLASSES) {
    throw new InputError(`${file}: expected ${NUM_CLASSES} class names, one a line, got ${names.length}`);
  }
  return names;
}
