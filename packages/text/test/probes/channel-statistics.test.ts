import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it, vi } from 'vitest';
import { encodeTexts } from '../../src/encode-texts.ts';
import { createTextEncoder } from '../../src/encoders/create-encoder.ts';
import { measureChannels, standardizeChannels } from '../../src/probes/channel-statistics.ts';
import { handMadeTokenizer } from '../fixtures.ts';

const dim = 4;
const sizes = { kind: 'transformer', dim, depth: 1, numHeads: 2, positions: 'learned', dropoutRate: 0 } as const;
const encoder = createTextEncoder({ vocabSize: handMadeTokenizer.vocabSize, length: 20, ...sizes }, createRandom(1));
afterAll(() => encoder.dispose());

/** Two lengths of rows, and three texts of one, so that batches of two are filled up. */
const texts = ['the dog barks .', 'a', 'the cat sees a dog', `the ${'cat '.repeat(16)}`];
const options = { batchSize: 2, maxLength: 20, signal: undefined };

it('measures the channels of the tokens: padding and rows that fill up a batch do not enter', async () => {
  const { mean, scale } = await measureChannels(encoder, handMadeTokenizer, texts, options);

  const { data, numTokens } = await encodeTexts(encoder, handMadeTokenizer, texts, { pool: 'none' });
  const tokens: number[][] = [];
  numTokens.forEach((count, text) => {
    for (let place = 0; place < count; place++) {
      tokens.push([...data.subarray((text * 20 + place) * dim, (text * 20 + place + 1) * dim)]);
    }
  });
  for (let channel = 0; channel < dim; channel++) {
    const values = tokens.map((features) => features[channel]!);
    const expected = values.reduce((sum, value) => sum + value) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - expected) ** 2, 0) / values.length;
    expect(mean[channel]).toBeCloseTo(expected, 5);
    expect(scale[channel]).toBeCloseTo(1 / Math.sqrt(variance + 1e-6), 4);
  }
});

it('gives (features − mean) · scale', () => {
  // (1 − 3) · 2 = −4, (10 − 4) · 0.5 = 3; (5 − 3) · 2 = 4, (4 − 4) · 0.5 = 0
  const statistics = { mean: Float32Array.of(3, 4), scale: Float32Array.of(2, 0.5) };
  const standardized = tf.tidy(() =>
    standardizeChannels(
      tf.tensor3d([
        [
          [1, 10],
          [5, 4],
        ],
      ]),
      statistics,
    ).arraySync(),
  );
  expect(standardized).toEqual([
    [
      [-4, 3],
      [4, 0],
    ],
  ]);
});

it('leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const statistics = await measureChannels(encoder, handMadeTokenizer, texts, options);
  tf.tidy(() => standardizeChannels(tf.zeros([1, 2, dim]), statistics).dispose());
  expect(tf.memory().numTensors).toBe(before);
});

it('stops between two batches when told so', async () => {
  const controller = new AbortController();
  const encode = vi.spyOn(encoder, 'apply').mockImplementation(() => {
    controller.abort(new Error('enough'));
    return tf.zeros([2, 16, dim]);
  });
  const measuring = measureChannels(encoder, handMadeTokenizer, texts, { ...options, signal: controller.signal });
  await expect(measuring).rejects.toThrow('enough');
  expect(encode).toHaveBeenCalledOnce();
  encode.mockRestore();
});
