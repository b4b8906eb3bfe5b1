import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { cifar10Shape, isCifar10, readCifar10 } from './cifar10.ts';
import { resizeImages } from './decode-image.ts';
import { isIdx, readIdxFolder } from './idx.ts';
import { takeImages } from './image-dataset.ts';
import type { ImageDataset, ImageShape, ImageSplit } from './image-dataset.ts';
import { findImageFolder, readFolderPart } from './image-folder.ts';
import { chooseStratified, splitStratified } from './stratified-split.ts';

export interface OpenImagesOptions {
  /** Height and width of the pictures in pixels; 32 for a folder of pictures, otherwise the size that the files have. */
  readonly size?: number;
  /** The most training images to take, classes in equal shares; all if undefined. */
  readonly trainLimit?: number | undefined;
  /** The most test images to take, classes in equal shares; all if undefined. */
  readonly testLimit?: number | undefined;
  /** Share of each class kept for testing where the files name no test part. Default 0.2. */
  readonly testFraction?: number;
  /** Draws the split and the limited choices. Default 0. */
  readonly seed?: number;
}

const DEFAULT_FOLDER_SIZE = 32;

const layouts =
  'data_batch_*.bin (CIFAR-10 binary layout), train-images-idx3-ubyte or .gz (MNIST, Fashion-MNIST), ' +
  'or pictures (JPEG, PNG, WebP, GIF, TIFF, AVIF) in a folder for each class, with or without train/ and test/ above them';

/**
 * The images at a path, whichever known layout they are in: CIFAR-10's binary files, IDX files, or pictures in a folder
 * for each class. Without a test part, a seeded share of each class is kept for testing.
 *
 * @throws InputError on a missing path, an unknown layout, a damaged file or an option out of range, naming it.
 */
export async function openImages(folder: string, options: OpenImagesOptions = {}): Promise<ImageDataset> {
  const { size, trainLimit, testLimit, testFraction = 0.2, seed = 0 } = options;
  if (size !== undefined && !(Number.isInteger(size) && size > 0)) {
    throw new InputError(`openImages: size must be a positive whole number of pixels, got ${size}`);
  }
  const files = await readFiles(folder, await listFolder(folder), options);
  const warnings = [...files.warnings];
  let { train, test } = files;
  if (test === undefined) {
    const parts = splitStratified(train.labels, testFraction, seed);
    warnings.push(
      `${folder}: no test part found; ${parts.test.length} of ${train.labels.length} images kept for testing`,
    );
    test = takeImages(train, files.shape, parts.test);
    train = takeImages(train, files.shape, parts.train);
  }
  const shape = size === undefined ? files.shape : { ...files.shape, height: size, width: size };
  const finish = (split: ImageSplit, limit: number | undefined) =>
    resizeImages(limitImages(split, files.shape, limit, seed), files.shape, shape);
  return {
    name: path.basename(path.resolve(folder)),
    synthetic: false,
    ...shape,
    classes: files.classes,
    train: await finish(train, trainLimit),
    test: await finish(test, testLimit),
    warnings,
  };
}

async function readFiles(folder: string, entries: readonly string[], options: OpenImagesOptions) {
  if (isCifar10(entries)) return { ...(await readCifar10(folder)), shape: cifar10Shape, warnings: [] };
  if (isIdx(entries)) return { ...(await readIdxFolder(folder)), warnings: [] };
  const found = await findImageFolder(folder);
  if (found === undefined) {
    const what =
      entries.length === 0 ? 'an empty folder' : `${entries.slice(0, 5).join(', ')}${entries.length > 5 ? ', …' : ''}`;
    throw new InputError(`${folder}: expected ${layouts}; found ${what}`);
  }
  const { size = DEFAULT_FOLDER_SIZE, trainLimit, testLimit, testFraction = 0.2, seed = 0 } = options;
  const shape: ImageShape = { height: size, width: size, numChannels: 3 };
  // Without a test part the limited training pictures and their test share come out of the same files.
  const limit =
    found.test !== undefined || trainLimit === undefined ? trainLimit : Math.ceil(trainLimit / (1 - testFraction));
  const train = await readFolderPart(found.train, shape, limit, seed);
  const test = found.test && (await readFolderPart(found.test, shape, testLimit, seed));
  return {
    classes: found.classes,
    shape,
    train: train.split,
    test: test?.split,
    warnings: [...found.warnings, ...train.warnings, ...(test?.warnings ?? [])],
  };
}

function limitImages(split: ImageSplit, shape: ImageShape, limit: number | undefined, seed: number): ImageSplit {
  if (limit === undefined) return split;
  const chosen = chooseStratified(split.labels, limit, seed);
  return chosen.length === split.labels.length ? split : takeImages(split, shape, chosen);
}

async function listFolder(folder: string): Promise<string[]> {
  const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new InputError(`${folder}: no such folder; expected one with ${layouts}`, { cause: error });
  });
  if (!stats.isDirectory()) throw new InputError(`${folder}: expected a folder with ${layouts}; got a file`);
  return (await readdir(folder)).toSorted();
}
