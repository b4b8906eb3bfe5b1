import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { encodeTexts } from '../src/encode-texts.ts';
import { createTextEncoder } from '../src/encoders/create-encoder.ts';
import { handMadeTokenizer } from './fixtures.ts';

const [dim, length] = [8, 40];
const { vocabSize } = handMadeTokenizer;
const encoder = createTextEncoder({
  kind: 'transformer',
  vocabSize,
  length,
  dim,
  depth: 1,
  numHeads: 2,
  positions: 'learned',
  dropoutRate: 0,
});
afterAll(() => encoder.dispose());

/** Texts of every bucket of lengths, an empty one and one that is too long. */
const texts = ['the dog', 'the cat '.repeat(12), '', 'a dog sees '.repeat(9), 'the dog running '.repeat(20), 'cat'];
const row = (data: Float32Array, index: number, size: number): Float32Array =>
  data.subarray(index * size, (index + 1) * size);

it('gives each text the same features alone and among others, in order', async () => {
  const together = await encodeTexts(encoder, handMadeTokenizer, texts, { batchSize: 2 });
  expect(together.shape).toEqual([6, dim]);
  for (const [index, text] of texts.entries()) {
    const alone = await encodeTexts(encoder, handMadeTokenizer, [text], { batchSize: 1 });
    alone.data.forEach((value, channel) => expect(row(together.data, index, dim)[channel]).toBeCloseTo(value, 5));
  }
});

it('averages over the tokens of a text, start and end included', async () => {
  const { data, shape, numTokens } = await encodeTexts(encoder, handMadeTokenizer, texts, { pool: 'none' });
  const pooled = await encodeTexts(encoder, handMadeTokenizer, texts);
  expect(shape).toEqual([6, length, dim]);
  expect([...numTokens]).toEqual([4, 26, 2, 38, 40, 3]);
  for (let index = 0; index < texts.length; index++) {
    const tokens = row(data, index, length * dim);
    for (let channel = 0; channel < dim; channel++) {
      let sum = 0;
      for (let token = 0; token < length; token++) sum += tokens[token * dim + channel]!;
      expect(pooled.data[index * dim + channel]).toBeCloseTo(sum / numTokens[index]!, 5);
    }
    expect(tokens.subarray(numTokens[index]! * dim).every((value) => value === 0)).toBe(true);
  }
});

it('sees what the encoder makes of the tokens at their places', async () => {
  const { data } = await encodeTexts(encoder, handMadeTokenizer, ['the dog'], { pool: 'none' });
  const expected = tf.tidy(() => {
    const ids = tf.tensor2d([[2, 5, 6, 3]], [1, 4], 'int32');
    return encoder.apply(ids, tf.tensor2d([[0, 1, 2, 3]], [1, 4], 'int32')).dataSync();
  });
  expected.forEach((value, index) => expect(data[index]).toBeCloseTo(value, 5));
});

it('counts the texts that it cuts off, and gives an empty one finite features', async () => {
  const { numTruncated, data } = await encodeTexts(encoder, handMadeTokenizer, texts);
  expect(numTruncated).toBe(1);
  expect(data.every(Number.isFinite)).toBe(true);
  const bare = { ...handMadeTokenizer, special: { ...handMadeTokenizer.special, start: undefined, end: undefined } };
  expect((await encodeTexts(encoder, bare, [''])).data.every(Number.isFinite)).toBe(true);
});

it('leaves no tensor behind and stops when told so', async () => {
  const before = tf.memory().numTensors;
  await encodeTexts(encoder, handMadeTokenizer, texts);
  expect(tf.memory().numTensors).toBe(before);
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(encodeTexts(encoder, handMadeTokenizer, texts, { signal })).rejects.toThrow('enough');
});
