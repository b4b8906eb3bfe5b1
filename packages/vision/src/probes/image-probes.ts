import { InputError } from '@qb-heat/core';
import { knnProbe, linearProbe, tran1Probe } from '@qb-heat/training';
import type { LabelledFeatures, LinearProbeResult, ProbeResult } from '@qb-heat/training';
import type { ImageBackbone } from '../backbone.ts';
import type { ImageDataset } from '../data/image-dataset.ts';
import { encodeImages } from '../features.ts';
import type { EncodeImagesOptions } from '../features.ts';

/** What all probes of frozen features take: how many images are encoded at a time, and a signal that ends them. */
export type ImageProbeOptions = Pick<EncodeImagesOptions, 'batchSize' | 'signal'>;

/**
 * Accuracy of nearest neighbors on the mean of the frozen feature map: cosine, 20 of them unless `k` says otherwise.
 * See training's `knnProbe`.
 *
 * Like all probes it repeats to the bit from a saved encoder.
 *
 * @throws InputError if there are fewer than two classes or the images are not of the encoder's size.
 */
export async function probeKnn(
  backbone: ImageBackbone,
  data: ImageDataset,
  options: ImageProbeOptions & { readonly k?: number } = {},
): Promise<ProbeResult> {
  const [train, test] = await encodeParts('probeKnn', backbone, data, 'mean', options);
  return knnProbe(train, test, { ...(options.k !== undefined && { k: options.k }), signal: options.signal });
}

/**
 * Accuracy of a linear classifier on the mean of the frozen feature map, batch-normalised without affine terms. See
 * training's `linearProbe`.
 *
 * @throws InputError if there are fewer than two classes or the images are not of the encoder's size.
 */
export async function probeLinear(
  backbone: ImageBackbone,
  data: ImageDataset,
  options: ImageProbeOptions & { readonly seed: number },
): Promise<LinearProbeResult> {
  const [train, test] = await encodeParts('probeLinear', backbone, data, 'mean', options);
  return linearProbe(train, test, { seed: options.seed, signal: options.signal });
}

export interface Tran1ImageProbeOptions extends ImageProbeOptions {
  readonly seed: number;
  /** Passes over the training images. Default 20. */
  readonly numEpochs?: number;
}

/**
 * Accuracy of one transformer block and a linear classifier on the whole frozen feature map: the probe in which QB-Heat
 * is said to win (arXiv 2211.13228). See training's `tran1Probe`. It holds the maps of all images in memory.
 *
 * @throws InputError if there are fewer than two classes or the images are not of the encoder's size.
 */
export async function probeTran1(
  backbone: ImageBackbone,
  data: ImageDataset,
  options: Tran1ImageProbeOptions,
): Promise<ProbeResult> {
  const [train, test] = await encodeParts('probeTran1', backbone, data, 'none', options);
  const { seed, numEpochs, signal } = options;
  const numPositions = backbone.grid.height * backbone.grid.width;
  return tran1Probe(train, test, { numPositions, seed, signal, ...(numEpochs !== undefined && { numEpochs }) });
}

/** @throws InputError if the pictures are of fewer than two classes: they can be pre-trained on, but not told apart. */
export function requireClasses(probe: string, { name, classes }: ImageDataset): void {
  if (classes.length >= 2) return;
  throw new InputError(
    `${probe}: ${name} has ${classes.length === 0 ? 'no classes' : `one class, "${classes[0]}"`}, and a probe needs at ` +
      `least two to tell apart; put the pictures into a folder for each class`,
  );
}

async function encodeParts(
  probe: string,
  backbone: ImageBackbone,
  data: ImageDataset,
  pool: 'mean' | 'none',
  { batchSize, signal }: ImageProbeOptions,
): Promise<[train: LabelledFeatures, test: LabelledFeatures]> {
  requireClasses(probe, data);
  const options = { pool, signal, ...(batchSize !== undefined && { batchSize }) };
  const encode = async ({ train, test }: ImageDataset, part: 'train' | 'test'): Promise<LabelledFeatures> => {
    const split = part === 'train' ? train : test;
    const features = await encodeImages(backbone, split, options);
    return { features: features.data, labels: split.labels, numClasses: data.classes.length };
  };
  return [await encode(data, 'train'), await encode(data, 'test')];
}
