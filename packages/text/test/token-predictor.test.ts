import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { expect, it, onTestFinished } from 'vitest';
import { MaskedTextModel } from '../src/masked-text-model.ts';
import { countTokens, packTexts } from '../src/packing.ts';
import { handMadeTokenizer } from './fixtures.ts';
import { length, tinyBatch, tinyOptions, window } from './tiny-model.ts';

const { vocabSize } = handMadeTokenizer;
const frozen = { training: false, step: 0 };
function create(more: ConstructorParameters<typeof MaskedTextModel>[0] | object = {}): MaskedTextModel {
  const model = new MaskedTextModel({ ...tinyOptions('linear'), ...more });
  onTestFinished(() => model.dispose());
  return model;
}
const lossOf = (model: MaskedTextModel, batch: Awaited<ReturnType<typeof tinyBatch>>, context = frozen): number =>
  tf.tidy(() => model.loss(batch, context).dataSync()[0]!);

it('counts the tokens of rows, special ones as absent', async () => {
  const text = await packTexts(['the dog the cat .'], handMadeTokenizer, { length });
  const counts = countTokens(text, handMadeTokenizer);
  expect([...counts]).toEqual([0, 0, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 0, 0, 1]);
});

it('starts from how common each word is when it is told', async () => {
  const batch = await tinyBatch(window);
  const counts = new Int32Array(vocabSize);
  // Nearly all of the text is the first word that is asked for.
  const asked = batch.weights.indexOf(1);
  const columns = [0, 1, 6, 7];
  const label = batch.ids[Math.floor(asked / 4) * length + columns[asked % 4]!]!;
  counts[label] = 10_000;
  const certain = create({ tokenCounts: counts });
  const logits = tf.tidy(() => certain.logits(batch, frozen).arraySync());
  const expected = Math.log(10_001) - Math.log(1);
  for (const row of logits) {
    const others = row.filter((_, token) => token !== label);
    expect(row[label]! - others.reduce((sum, value) => sum + value, 0) / others.length).toBeCloseTo(expected, 0);
  }
});

it('shares its output layer with the embedding, which is listed once', async () => {
  const model = create();
  const batch = await tinyBatch(window);
  const tables = [...model.parameters].filter(([, { shape }]) => shape[0] === vocabSize && shape.length === 2);
  expect(tables.map(([path]) => path)).toEqual(['encoder.embedding.table']);
  const table = model.encoder.embedding.table;
  const { grads, value } = tf.variableGrads(() => model.loss(batch, frozen), [table]);
  // The mask token is never an input here, and always a wrong answer.
  const ofMask = tf.tidy(() => grads[table.name]!.slice([handMadeTokenizer.special.mask, 0], [1, -1]).abs().max());
  expect(ofMask.dataSync()[0]).toBeGreaterThan(0);
  tf.dispose([grads, value, ofMask]);
});

it('trains on a sampled softmax and is scored on the whole', async () => {
  const batch = await tinyBatch(window);
  const [full, sampled] = [create(), create({ numSampled: 3 })];
  expect(lossOf(sampled, batch)).toBe(lossOf(full, batch));
  const inStep = (step: number) => lossOf(sampled, batch, { training: true, step });
  expect(inStep(1)).not.toBe(lossOf(full, batch));
  expect(inStep(1)).toBe(inStep(1));
  expect(inStep(1)).not.toBe(inStep(2));
});

it.each([
  [new Int32Array(3), /tokenCounts: must hold 15 numbers, one per token, got 3/],
  [new Float32Array(vocabSize).fill(-2), /tokenCounts: must not be negative, .* for token 0/],
])('refuses counts that do not fit', (tokenCounts, message) => {
  const make = () => new MaskedTextModel({ ...tinyOptions('linear'), tokenCounts });
  expect(make).toThrow(InputError);
  expect(make).toThrow(message);
});
