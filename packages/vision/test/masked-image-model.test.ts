import { fillNames, gatherVisible, visibilityMask } from '@qb-heat/core';
import { AdamW, constantRate, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { MaskedImageModel } from '../src/index.ts';
import type { MaskedImageModelOptions } from '../src/index.ts';
import { tinyBatch, tinyOptions } from './models.ts';

const training = { training: true, step: 0 };

function createModel(changes: Partial<MaskedImageModelOptions> = {}): MaskedImageModel {
  return new MaskedImageModel({ ...tinyOptions, ...changes });
}

async function lossOf(model: MaskedImageModel, batch = tinyBatch(model)): Promise<number> {
  return (await model.loss(batch, training).data())[0]!;
}

test.each([
  ['QB-Heat, vit', {}],
  ['QB-Heat, convnet', { encoder: { kind: 'convnet', dim: 16, depths: [0, 1, 1] } }],
  ['QB-Heat, mobile-former', { encoder: { kind: 'mobile-former', dim: 16, depths: [0, 1, 1], tokenDim: 16 } }],
  ['QB-Heat, a block per image', { mask: { kind: 'block', position: 'random' } }],
  ['MAE', { mask: { kind: 'random' }, fill: 'mask-token', target: 'normalized-patches' }],
] as [string, Partial<MaskedImageModelOptions>][])('%s overfits one batch', async (_, changes) => {
  const model = createModel(changes);
  const { referenceLoss } = await model.diagnostics(tinyBatch(model, 2));
  const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
  const losses: number[] = [];
  const run = pretrain(model, {
    batches: () => tinyBatch(model, 2),
    optimizer,
    schedule: constantRate(1e-2),
    numSteps: 40,
  });
  for await (const { loss } of run) losses.push(loss);

  expect(losses.at(-1)).toBeLessThan(0.4 * referenceLoss!);
});

/** The others are defined on sequences alone. */
const imageFills = fillNames.filter((name) => name !== 'interpolate' && name !== 'least-squares');

test.each(imageFills)('the gradient reaches every parameter with the fill %s', (fill) => {
  const model = createModel({ fill });
  // Away from the start, where the last map of some fills is zero and keeps gradients from what is before it.
  for (const variable of model.parameters.values()) variable.assign(tf.add(variable, 0.01));
  const { grads } = tf.variableGrads(() => model.loss(tinyBatch(model), training), [...model.parameters.values()]);
  // Keys' biases add the same to every score of a row, which softmax takes out again.
  const withoutGradient = [...model.parameters].filter(([path, variable]) => {
    const gradient = grads[variable.name];
    return gradient === undefined || gradient.abs().max().dataSync()[0] === 0 ? !path.includes('key') : false;
  });
  expect(withoutGradient.map(([path]) => path)).toEqual([]);
});

test('the loss is the mean over the masked patches, those at each distance by their number', async () => {
  const model = createModel();
  const batch = tinyBatch(model);
  const rows = await model.lossByDistance(batch);
  expect(rows.map(({ distance, numPatches }) => [distance, numPatches])).toEqual([
    [0, 4 * 4],
    [1, 4 * 12],
  ]);
  expect(rows[1]!.loss).toBeCloseTo(await lossOf(model, batch), 5);
  const all = createModel({ lossOn: 'all' });
  expect((rows[0]!.loss * 4 + rows[1]!.loss * 12) / 16).toBeCloseTo(await lossOf(all, batch), 5);
});

test('the reference is what predicting the mean of the training set costs', async () => {
  const model = createModel();
  const batch = tinyBatch(model);
  const { referenceLoss } = await model.diagnostics(batch);
  const pixels = await batch.images.data();
  const mask = visibilityMask(batch.visibility);
  const { mean, std } = tinyOptions.image.normalization;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const [image, row, column, channel] = [Math.floor(i / 192), Math.floor(i / 24) % 8, Math.floor(i / 3) % 8, i % 3];
    if (mask[image * 16 + Math.floor(row / 2) * 4 + Math.floor(column / 2)] === 0) continue;
    sum += ((pixels[i]! - mean[channel]!) / std[channel]!) ** 2;
    count++;
  }
  expect(referenceLoss).toBeCloseTo(sum / count, 4);
});

test('predicted features are the visible ones, filled; actual ones those of the full image', async () => {
  const model = createModel({ fill: 'zero' });
  const batch = tinyBatch(model);
  const { predicted, actual } = model.predictFeatures(batch);
  const visible = gatherVisible(model.backbone.toPatches(batch.images), batch.visibility);
  const features = await model.backbone.encodePatches(visible, batch.visibility).data();
  const centre = await predicted.slice([0, 1, 1, 0], [4, 2, 2, 16]).data();
  centre.forEach((value, i) => expect(value).toBeCloseTo(features[i]!, 5));
  expect(Math.max(...(await predicted.slice([0, 0, 0, 0], [4, 1, 4, 16]).data()))).toBe(0);
  expect(await actual.data()).toEqual(await model.backbone.encode(batch.images).data());
});

test('the diagnostics tell how features obey the operators, and when they collapse', async () => {
  const model = createModel();
  const batch = tinyBatch(model);
  const { effectiveRank, residualX, residualY } = await model.diagnostics(batch);
  expect(effectiveRank).toBeGreaterThan(2);
  // Operators that are still zero predict as well as copying does.
  expect([residualX, residualY]).toEqual([1, 1]);
  for (const [path, variable] of model.parameters) {
    if (path.startsWith('encoder.transformer.norm.gamma')) variable.assign(tf.zerosLike(variable));
  }
  expect((await model.diagnostics(batch))['effectiveRank']).toBeLessThan(1.01);
});

test('with normalised patches predicting the mean costs 1', async () => {
  const model = createModel({ target: 'normalized-patches' });
  const { referenceLoss } = await model.diagnostics(tinyBatch(model));
  expect(referenceLoss).toBeCloseTo(1, 2);
});

test.each(['pixels', 'normalized-patches'] as const)('a picture of %s keeps the visible pixels', async (target) => {
  const model = createModel({ target });
  const batch = tinyBatch(model);
  const { visible, reconstruction } = model.reconstruct(batch);
  const [original, seen, predicted] = await Promise.all([batch.images, visible, reconstruction].map((x) => x.data()));
  const { mean } = tinyOptions.image.normalization;
  for (let i = 0; i < original!.length; i++) {
    const [row, column] = [Math.floor(i / 24) % 8, Math.floor(i / 3) % 8];
    const isVisible = row >= 2 && row < 6 && column >= 2 && column < 6;
    expect(seen![i]).toBeCloseTo(isVisible ? original![i]! : mean[i % 3]!, 5);
    if (isVisible) expect(predicted![i]).toBeCloseTo(original![i]!, 5);
    expect(predicted![i]).toBeGreaterThanOrEqual(0);
    expect(predicted![i]).toBeLessThanOrEqual(1);
  }
});

test('the seed determines the model, and two fills of one seed share encoder and decoder', async () => {
  expect(await lossOf(createModel({ seed: 3 }))).toBe(await lossOf(createModel({ seed: 3 })));
  expect(await lossOf(createModel({ seed: 3 }))).not.toBe(await lossOf(createModel({ seed: 4 })));
  const [linear, token] = [createModel({ fill: 'linear' }), createModel({ fill: 'mask-token' })];
  for (const [path, variable] of linear.parameters) {
    if (path.startsWith('fill.')) continue;
    expect(await token.parameters.get(path)!.data()).toEqual(await variable.data());
  }
});

test('masked pixels do not reach the prediction', async () => {
  const model = createModel();
  const batch = tinyBatch(model);
  const inside = tf
    .pad(tf.ones([4, 4, 4, 3]), [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ])
    .cast('bool');
  const images = tf.where(inside, batch.images, tf.sub<tf.Tensor4D>(1, batch.images));
  const outside = (x: tf.Tensor4D) => tf.where(inside, tf.zerosLike(x), x).data();
  const { reconstruction } = model.reconstruct(batch);
  const changed = model.reconstruct({ ...batch, images }).reconstruction;
  expect(await outside(changed)).toEqual(await outside(reconstruction));
});

test('no tensors are left over', async () => {
  const before = tf.memory().numTensors;
  const model = createModel();
  const batch = tinyBatch(model);
  const withModel = tf.memory().numTensors;
  await model.diagnostics(batch);
  await model.lossByDistance(batch);
  expect(tf.memory().numTensors).toBe(withModel);
  model.loss(batch, training).dispose();
  tf.dispose(model.reconstruct(batch));
  expect(tf.memory().numTensors).toBe(withModel);
  batch.dispose();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
