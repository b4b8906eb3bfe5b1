import { InputError, maskedIndices } from '@qb-heat/core';
import { AdamW, constantRate, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LatentTargetOptions } from '../src/config.ts';
import { LatentTextModel } from '../src/latent-text-model.ts';
import type { LatentTextOptions } from '../src/latent-text-model.ts';
import { createLatentTextModel } from '../src/methods.ts';
import { rowTensors } from '../src/row-tensors.ts';
import { handMadeTokenizer } from './fixtures.ts';
import { length, tinyBatch, tinyBertOptions, tinyOptions, tokens, window } from './tiny-model.ts';

const frozen = { training: false, step: 0 };
function create(target: LatentTargetOptions = {}, options: LatentTextOptions = tinyOptions('linear')): LatentTextModel {
  const model = new LatentTextModel({ ...options, target });
  onTestFinished(() => model.dispose());
  return model;
}
const valuesOf = (parameters: ReadonlyMap<string, tf.Variable>): number[][] =>
  [...parameters.values()].map((variable) => Array.from(variable.dataSync()));
const shift = (model: LatentTextModel, by: number): void => {
  for (const variable of model.encoder.parameters.values()) tf.tidy(() => variable.assign(tf.add(variable, by)));
};
const lossOf = (model: LatentTextModel, batch: Awaited<ReturnType<typeof tinyBatch>>, context = frozen): number =>
  tf.tidy(() => model.loss(batch, context).dataSync()[0]!);

describe('the teacher', () => {
  it('starts as the encoder and follows it, once an update', async () => {
    const model = create({ momentum: 0.75 });
    const batch = await tinyBatch(window);
    const start = valuesOf(model.encoder.parameters);
    expect(valuesOf(model.state)).toEqual(start);
    shift(model, 1);
    lossOf(model, batch);
    expect(valuesOf(model.state)).toEqual(start);
    const expectShifted = (by: number) =>
      valuesOf(model.state).forEach((own, index) =>
        own.forEach((value, place) => expect(value).toBeCloseTo(start[index]![place]! + by, 5)),
      );
    // 0.75 · start + 0.25 · (start + 1)
    // Two batches of one update.
    lossOf(model, batch, { training: true, step: 0 });
    lossOf(model, batch, { training: true, step: 1 });
    expectShifted(0.25);
    // 0.75 · (start + 0.25) + 0.25 · (start + 1), after an update that changes no value.
    shift(model, 0);
    lossOf(model, batch, { training: true, step: 2 });
    expectShifted(0.4375);
  });

  it.each(['ema', 'encoder'] as const)('learns nothing by gradient (%s)', async (teacher) => {
    const model = create({ teacher });
    const batch = await tinyBatch(window);
    const variables = [...model.parameters.values()];
    const { value, grads } = tf.variableGrads(() => model.loss(batch, { training: true, step: 0 }), variables);
    for (const [path, variable] of model.parameters) {
      if (!path.startsWith('encoder.embedding.')) continue;
      // The encoder sees the visible tokens alone; what only the teacher sees has no gradient.
      const hidden = new Set(
        [...maskedIndices(batch.visibility)].map(
          (column, index) => batch.ids[Math.floor(index / 4) * length + column]!,
        ),
      );
      const visible = new Set(
        batch.ids.filter((_, place) => ![...maskedIndices(batch.visibility)].includes(place % length)),
      );
      const rows = tf.tidy(() => grads[variable.name]!.abs().max(1).arraySync()) as number[];
      const onlyHidden = [...hidden].filter((id) => !visible.has(id));
      expect(onlyHidden.length).toBeGreaterThan(0);
      for (const id of onlyHidden) expect(rows[id]).toBe(0);
      for (const id of visible) expect(rows[id]).toBeGreaterThan(0);
    }
    tf.dispose([value, grads]);
  });

  it('has no variables of its own when it is the encoder', () => {
    expect(create({ teacher: 'encoder' }).state.size).toBe(0);
    expect([...create().state.keys()].every((path) => path.startsWith('teacher.'))).toBe(true);
  });
});

describe('the loss', () => {
  it('is the squared distance from the normalised features of whole rows, over the tokens that are asked for', async () => {
    const model = create();
    const batch = await tinyBatch(window);
    // A prediction of nothing: the output layer at zero.
    for (const [path, variable] of model.parameters) {
      if (path.startsWith('output.')) tf.tidy(() => variable.assign(tf.zerosLike(variable)));
    }
    const features = tf.tidy(() => {
      const { ids, positions } = rowTensors(batch);
      return model.encoder.apply(ids, positions).arraySync();
    });
    let [total, count] = [0, 0];
    maskedIndices(batch.visibility).forEach((column, index) => {
      if (batch.weights[index] === 0) return;
      const row = features[Math.floor(index / 4)]![column]!;
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      total += row.reduce((sum, value) => sum + (value - mean) ** 2 / (variance + 1e-6), 0) / row.length;
      count++;
    });
    expect(lossOf(model, batch)).toBeCloseTo(total / count, 4);
  });

  it.each([
    ['linear', window],
    ['interpolate', tokens],
    ['bert-80-10-10', tokens],
  ] as const)('falls in training with the method %s', async (method, mask) => {
    const sizes = { length, encoder: { dim: 8, depth: 1, numHeads: 2 }, decoder: { dim: 8, depth: 1, numHeads: 2 } };
    const model = createLatentTextModel(method, { tokenizer: handMadeTokenizer, ...sizes, target: { momentum: 1 } });
    const optimizer = new AdamW(model.parameters, { maxGradientNorm: 1 });
    onTestFinished(() => [model, optimizer].forEach((each) => each.dispose()));
    const losses: number[] = [];
    const batches = () => tinyBatch(mask, { batchSize: 4 });
    for await (const { loss } of pretrain(model, { batches, optimizer, schedule: constantRate(0.01), numSteps: 40 })) {
      losses.push(loss);
    }
    expect(losses.at(-1)!).toBeLessThan(0.6 * losses[0]!);
  });
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('diagnostics', () => {
  it('show when all features are alike', async () => {
    const batch = await tinyBatch(tokens, { batchSize: 4 });
    const options = tinyOptions('interpolate', { encoder: { dim: 8, depth: 0, numHeads: 2 } });
    const model = create({ teacher: 'encoder' }, options);
    const healthy = await model.diagnostics(batch);
    expect(healthy['targetDeviation']).toBeGreaterThan(0.3);
    expect(healthy['effectiveRank']).toBeGreaterThan(2);
    for (const [path, variable] of model.encoder.parameters) {
      // Every token and every place gets one vector.
      if (path.endsWith('table')) tf.tidy(() => variable.assign(tf.mul(tf.onesLike(variable), tf.range(0, 8))));
    }
    const collapsed = await model.diagnostics(batch);
    expect(collapsed['targetDeviation']).toBeLessThan(1e-2);
    expect(collapsed['referenceLoss']).toBeLessThan(1e-3);
    expect(collapsed['effectiveRank']).toBeLessThan(1.1);
    expect(collapsed).toHaveProperty('predictionDeviation');
  });

  it('are those of the tokens that are asked for, padding left out', async () => {
    const model = create();
    const batch = await tinyBatch(window, { crossTexts: false, batchSize: 4 });
    const columns = maskedIndices(batch.visibility);
    const numMasked = columns.length / batch.batchSize;
    const features = tf.tidy(() => {
      const { ids, positions, padding } = rowTensors(batch);
      return model.encoder.apply(ids, positions, padding).arraySync();
    });
    const deviations = (values: readonly number[]) => values.map((value) => value - mean(values));
    const squares = (values: readonly number[]) => mean(deviations(values).map((value) => value ** 2));
    const rows = [...columns]
      .map((column, index) => features[Math.floor(index / numMasked)]![column]!)
      .filter((_, index) => batch.weights[index] === 1)
      .map((row) => deviations(row).map((value) => value / Math.sqrt(squares(row) + 1e-6)));
    expect(batch.padding).toContain(1);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.length).toBeLessThan(columns.length);
    const { referenceLoss, effectiveRank } = await model.diagnostics(batch);
    expect(referenceLoss).toBeCloseTo(mean(rows[0]!.map((_, channel) => squares(rows.map((row) => row[channel]!)))), 4);

    const ids = batch.ids.map((id, place) => (batch.padding![place] === 1 ? 7 : id));
    expect((await model.diagnostics({ ...batch, ids }))['effectiveRank']).toBeCloseTo(effectiveRank!, 5);
  });

  it('include the fill’s own', async () => {
    expect(await create().diagnostics(await tinyBatch(window))).toHaveProperty('spectralRadiusX');
  });
});

it('leaves no tensor behind', async () => {
  const batch = await tinyBatch(window);
  const before = tf.memory().numTensors;
  for (const options of [tinyOptions('linear'), tinyBertOptions()]) {
    const model = new LatentTextModel(options);
    const held = tf.memory().numTensors;
    expect(held).toBe(before + model.parameters.size + model.state.size + 1);
    model.loss(batch, { training: true, step: 0 }).dispose();
    await model.diagnostics(batch);
    expect(tf.memory().numTensors).toBe(held);
    model.dispose();
  }
  expect(tf.memory().numTensors).toBe(before);
});

it.each([
  [{ momentum: 2 }, /^latent target momentum: /],
  [{ teacher: 'bert' }, /^latent target teacher: /],
])('refuses the target %j', (target, message) => {
  expect(() => new LatentTextModel({ ...tinyOptions('zero'), target: target as LatentTargetOptions })).toThrow(
    InputError,
  );
  expect(() => new LatentTextModel({ ...tinyOptions('zero'), target: target as LatentTargetOptions })).toThrow(message);
});
