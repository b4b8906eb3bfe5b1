import { InputError } from '@qb-heat/core';
import { AdamW, constantRate, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createImageModel, imageMethods } from '../src/index.ts';
import type { ImageMethod } from '../src/index.ts';
import { tinyBatch, tinyImages, tinyOptions } from './models.ts';

const methods = Object.keys(imageMethods) as ImageMethod[];
const convnet = { kind: 'convnet', dim: 16, depths: [0, 1, 1] } as const;

test.each(methods)('%s learns', async (method) => {
  const model = createImageModel(method, tinyOptions);
  const { referenceLoss } = await model.diagnostics(tinyBatch(model, 2));
  const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
  const run = pretrain(model, {
    batches: () => tinyBatch(model, 2),
    optimizer,
    schedule: constantRate(1e-2),
    numSteps: 12,
  });
  let last = Number.NaN;
  for await (const { loss } of run) last = loss;
  expect(last).toBeLessThan(0.95 * referenceLoss!);
});

test.each(methods.filter((method) => !['harmonic', 'mae'].includes(method)))('%s takes a convnet', (method) => {
  const model = createImageModel(method, { ...tinyOptions, encoder: convnet });
  expect(model.loss(tinyBatch(model), { training: true, step: 0 }).shape).toEqual([]);
});

test('a mask that is given takes the place of the method’s', () => {
  expect(createImageModel('mae', { ...tinyOptions, mask: { kind: 'block' } }).config.mask.kind).toBe('block');
  expect(createImageModel('mae', tinyOptions).config.mask).toEqual({ kind: 'random', ratio: 0.75 });
});

test('the encoder of SimMIM sees the whole grid, but none of the masked pixels', async () => {
  const model = createImageModel('simmim', { ...tinyOptions, encoder: convnet, mask: { kind: 'block' } });
  const batch = tinyBatch(model, 2);
  // The middle 4×4 pixels are visible.
  const isInside = tf.pad(tf.ones([2, 4, 4, 3]), [
    [0, 0],
    [2, 2],
    [2, 2],
    [0, 0],
  ]);
  const inside = tf.mul<tf.Tensor4D>(batch.images, isInside);
  const outside = tf.mul<tf.Tensor4D>(tinyImages(2, 9), tf.sub(1, isInside));
  const changed = { ...batch, images: tf.add<tf.Tensor4D>(inside, outside) };
  const [features, other] = [batch, changed].map((given) => model.predictFeatures(given).predicted);
  expect(await other!.data()).toEqual(await features!.data());
  // The token stands in the encoder's input: with another one, features of visible patches change too.
  const token = model.parameters.get('fill.token')!;
  expect(token.shape).toEqual([1, 12]);
  token.assign(tf.add(token, 1));
  const moved = model.predictFeatures(batch).predicted;
  const difference = tf.sub(moved, features!).slice([0, 1, 1, 0], [2, 2, 2, 16]).abs().max();
  expect((await difference.data())[0]).toBeGreaterThan(1e-4);
});

test('the autoencoder sees all and is scored on all', async () => {
  const model = createImageModel('autoencoder', tinyOptions);
  const batch = tinyBatch(model);
  const { predicted, actual } = model.predictFeatures(batch);
  expect(await predicted.data()).toEqual(await actual.data());
  const [loss] = await model.loss(batch, { training: false, step: 0 }).data();
  const rows = await model.lossByDistance(batch);
  expect(rows.map(({ distance, numPatches }) => [distance, numPatches])).toEqual([[0, 4 * 16]]);
  expect(rows[0]!.loss).toBeCloseTo(loss!, 5);
  // Its picture is what it decodes, not what it was given.
  const { visible, reconstruction } = model.reconstruct(batch);
  const original = await batch.images.data();
  (await visible.data()).forEach((value, i) => expect(value).toBeCloseTo(original[i]!, 5));
  expect((await tf.sub(reconstruction, batch.images).abs().max().data())[0]).toBeGreaterThan(0.01);
});

test.each([
  ['linear', { mask: { kind: 'random' } }, "fill 'linear' needs a visible block"],
  ['mae', { encoder: convnet }, "encoder 'convnet' needs a visible block; set mask.kind to 'block' or fillAt"],
  ['autoencoder', { lossOn: 'masked' }, "set lossOn to 'all' and a fill without parameters"],
  ['mask-token', { mask: { kind: 'none' }, lossOn: 'all' }, "got lossOn 'all' and fill 'mask-token'"],
  ['magic', {}, 'createImageModel: method must be one of linear, linear-blockwise'],
])('%s with %j is refused', (method, changes, message) => {
  const create = () => createImageModel(method as ImageMethod, { ...tinyOptions, ...changes } as never);
  expect(create).toThrow(InputError);
  expect(create).toThrow(message);
});
