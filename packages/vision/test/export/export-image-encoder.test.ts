import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { ImageBackbone, encodeImages, exportImageEncoder } from '../../src/index.ts';
import type { BackboneOptions } from '../../src/index.ts';
import { makeFolder } from '../data/fixtures.ts';
import { tinyImage } from '../models.ts';

const kinds: [string, BackboneOptions['encoder']][] = [
  ['vit', { kind: 'vit', dim: 16, depth: 2, numHeads: 2 }],
  ['vit with learned positions', { kind: 'vit', dim: 16, depth: 1, numHeads: 2, positions: 'learned' }],
  ['convnet', { kind: 'convnet', dim: 16, depths: [0, 1, 2], stochasticDepthRate: 0.1 }],
  ['mobile-former', { kind: 'mobile-former', dim: 16, depths: [0, 1, 1], numTokens: 2, tokenDim: 8, numHeads: 2 }],
];
const grey = { ...tinyImage, numChannels: 1 as const, normalization: { mean: [0.3], std: [0.2] } };
const wide = { ...tinyImage, width: 12 };

beforeAll(() => {
  ortWeb.env.wasm.numThreads = 1;
});

interface Exported {
  readonly backbone: ImageBackbone;
  readonly folder: string;
}

async function exportTiny(encoder: BackboneOptions['encoder'], image: BackboneOptions['image']): Promise<Exported> {
  const backbone = new ImageBackbone({ image, patchSize: 2, encoder, seed: 1 });
  // Initial biases and norms are all alike; a model that mixed them up would go unnoticed.
  for (const variable of backbone.parameters.values()) {
    variable.assign(tf.add(variable, tf.randomNormal(variable.shape, 0, 0.1, 'float32', variable.size)));
  }
  const folder = path.join(await makeFolder(), 'encoder');
  await exportImageEncoder(folder, backbone);
  return { backbone, folder };
}

const readJson = async (folder: string, name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path.join(folder, name), 'utf8')) as Record<string, unknown>;

/** Bytes of some pictures of the size that the backbone takes. */
function pictures({ config: { image } }: ImageBackbone, numImages: number): Uint8Array {
  const size = image.height * image.width * image.numChannels;
  return Uint8Array.from({ length: numImages * size }, (_, i) => (i * i * 7 + i) % 256);
}

/** What a processor makes of pictures by its configuration: `[batch, 3, height, width]`, grey ones as three equal colors. */
async function preprocess({ backbone, folder }: Exported, bytes: Uint8Array): Promise<[Float32Array, number[]]> {
  const config = await readJson(folder, 'preprocessor_config.json');
  const {
    image_mean: mean,
    image_std: std,
    rescale_factor: factor,
  } = config as Record<string, number[]> & Record<'rescale_factor', number>;
  const { height, width, numChannels } = backbone.config.image;
  const numImages = bytes.length / (height * width * numChannels);
  const values = new Float32Array(numImages * 3 * height * width);
  let place = 0;
  for (let image = 0; image < numImages; image++) {
    for (let color = 0; color < 3; color++) {
      for (let pixel = 0; pixel < height * width; pixel++) {
        const byte = bytes[(image * height * width + pixel) * numChannels + (numChannels === 3 ? color : 0)]!;
        values[place++] = (byte * factor - mean![color]!) / std![color]!;
      }
    }
  }
  return [values, [numImages, 3, height, width]];
}

async function expectSameFeatures(exported: Exported, ort: typeof ortNode, numImages: number): Promise<void> {
  const { backbone, folder } = exported;
  const images = pictures(backbone, numImages);
  const split = { images, labels: new Int32Array(numImages) };
  const session = await ort.InferenceSession.create(await readFile(path.join(folder, 'onnx', 'model.onnx')), {
    executionProviders: [ort === ortNode ? 'cpu' : 'wasm'],
  });
  const [values, shape] = await preprocess(exported, images);
  const results = await session.run({ pixel_values: new ort.Tensor('float32', values, shape) });
  const { grid, dim } = backbone;
  expect(results['last_hidden_state']!.dims).toEqual([numImages, grid.height * grid.width, dim]);
  expect(results['pooler_output']!.dims).toEqual([numImages, dim]);
  for (const [name, pool] of [
    ['last_hidden_state', 'none'],
    ['pooler_output', 'mean'],
  ] as const) {
    const { data } = await encodeImages(backbone, split, { pool });
    const given = results[name]!.data as Float32Array;
    expect(given.length).toBe(data.length);
    for (const [i, value] of data.entries()) expect(given[i]).toBeCloseTo(value, 4);
  }
  await session.release();
}

describe('exportImageEncoder', () => {
  it.each(kinds)('gives the features that encodeImages gives: %s', async (_, encoder) => {
    const exported = await exportTiny(encoder, tinyImage);
    for (const numImages of [1, 3]) await expectSameFeatures(exported, ortNode, numImages);
  });

  it.each([
    ['grey pictures', grey],
    ['pictures that are no square', wide],
  ])('gives them for %s', async (_, image) => {
    await expectSameFeatures(await exportTiny({ kind: 'convnet', dim: 16, depths: [0, 0, 1] }, image), ortNode, 2);
  });

  it.each(kinds)('gives them in onnxruntime-web: %s', async (_, encoder) => {
    await expectSameFeatures(await exportTiny(encoder, tinyImage), ortWeb as unknown as typeof ortNode, 2);
  });

  it('tells how pictures become its input, and what it is', async () => {
    const { backbone, folder } = await exportTiny({ kind: 'vit', dim: 16, depth: 1, numHeads: 2 }, tinyImage);
    expect(await readJson(folder, 'preprocessor_config.json')).toEqual({
      image_processor_type: 'CLIPImageProcessor',
      feature_extractor_type: 'CLIPFeatureExtractor',
      do_convert_rgb: true,
      do_resize: true,
      resample: 1,
      size: { shortest_edge: 8 },
      do_center_crop: true,
      crop_size: { height: 8, width: 8 },
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: [0.5, 0.4, 0.3],
      image_std: [0.2, 0.25, 0.3],
    });
    const config = await readJson(folder, 'config.json');
    expect(config).toMatchObject({ hidden_size: 16, image_size: 8, patch_size: 2, num_channels: 3, num_positions: 16 });
    expect(config['qb_heat']).toEqual(backbone.config);
  });

  it('resizes to a shape that is no square as it is', async () => {
    const { folder } = await exportTiny({ kind: 'vit', dim: 16, depth: 1, numHeads: 2 }, wide);
    const preprocessing = await readJson(folder, 'preprocessor_config.json');
    expect(preprocessing).toMatchObject({ size: { height: 8, width: 12 }, do_center_crop: false });
    expect(await readJson(folder, 'config.json')).toMatchObject({ image_size: [8, 12] });
  });

  it('leaves backend and tensors as they were', async () => {
    const { backbone, folder } = await exportTiny({ kind: 'vit', dim: 16, depth: 1, numHeads: 2 }, tinyImage);
    const backend = tf.getBackend();
    const before = tf.memory().numTensors;
    await exportImageEncoder(folder, backbone);
    expect(tf.getBackend()).toBe(backend);
    expect(tf.memory().numTensors).toBe(before);
  });
});
