import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { createTextEncoder } from '../../src/encoders/create-encoder.ts';
import { packTexts } from '../../src/packing.ts';
import { measureTextPredictability } from '../../src/probes/text-predictability.ts';
import { handMadeTokenizer } from '../fixtures.ts';

const { vocabSize } = handMadeTokenizer;
const length = 8;
const encoder = createTextEncoder(
  { kind: 'convnet', vocabSize, length, dim: 4, depth: 0, kernelSize: 3, positions: 'none' },
  createRandom(1),
);
afterAll(() => encoder.dispose());
/** Two words in turn: each feature says what the next one is, and is nothing like it. */
const turns = await packTexts(['the dog '.repeat(100)], handMadeTokenizer, { length });
const options = { offsets: [1, 2], batchSize: 5 };

it('knows a map to the next token where there is one, and a copy where the text repeats', async () => {
  // Without the special tokens that stand at the start of rows.
  const ids = turns.ids.map((_, index) => (index % 2 === 0 ? 5 : 6));
  const { x } = await measureTextPredictability(encoder, { ...turns, ids }, { ...turns, ids }, options);
  const [next, after] = x;
  expect(next).toMatchObject({ offset: 1 });
  expect(next!.linear).toBeGreaterThan(0.99);
  expect(next!.copy).toBeLessThan(0);
  expect(after!.copy).toBeCloseTo(1, 4);
});

it('does not depend on how many rows are encoded at a time, and leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const [few, many] = [
    await measureTextPredictability(encoder, turns, turns, options),
    await measureTextPredictability(encoder, turns, turns, { ...options, batchSize: 64 }),
  ];
  few.x.forEach(({ linear }, index) => expect(linear).toBeCloseTo(many.x[index]!.linear, 4));
  expect(tf.memory().numTensors).toBe(before);
});

it('takes no more rows than it may, and those from all over the text', async () => {
  const random = createRandom(2);
  const taken = [0, 1, 2, 3].map((row) => Math.floor((row * turns.numRows) / 4));
  expect(taken.at(-1)).toBeGreaterThan(turns.numRows / 2);
  const scramble = (isKept: (row: number) => boolean) =>
    turns.ids.map((id, index) => (isKept(Math.floor(index / length)) ? id : 5 + random.integer(10)));
  const measure = (ids: Int32Array) =>
    measureTextPredictability(encoder, turns, { ...turns, ids }, { offsets: [1], maxRows: 4 });
  const all = await measure(turns.ids);
  expect(await measure(scramble((row) => taken.includes(row)))).toEqual(all);
  expect(await measure(scramble((row) => row !== taken.at(-1)))).not.toEqual(all);
});

it('looks 1, 2, 4 … tokens ahead unless told otherwise', async () => {
  const { x } = await measureTextPredictability(encoder, turns, turns);
  expect(x.map(({ offset }) => offset)).toEqual([1, 2, 4]);
});

it.each([
  [{ isPadded: true }, /rows must not be padded; pack them with crossTexts/],
  [{ length: 4 }, /rows must be of one length, got 8 and 4/],
])('refuses rows that it cannot compare', async (wrong, message) => {
  const measuring = measureTextPredictability(encoder, turns, { ...turns, ...wrong }, options);
  await expect(measuring).rejects.toThrow(InputError);
  await expect(measuring).rejects.toThrow(message);
});
