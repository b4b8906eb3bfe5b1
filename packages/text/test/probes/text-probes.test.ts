import { InputError } from '@qb-heat/core';
import { createRandom, knnProbe } from '@qb-heat/training';
import { afterAll, expect, it } from 'vitest';
import { encodeTexts } from '../../src/encode-texts.ts';
import { createTextEncoder } from '../../src/encoders/create-encoder.ts';
import { probeTextKnn, probeTextLinear } from '../../src/probes/text-probes.ts';
import { handMadeTokenizer } from '../fixtures.ts';

const { vocabSize } = handMadeTokenizer;
const sizes = { kind: 'transformer', dim: 8, depth: 1, numHeads: 2, positions: 'learned', dropoutRate: 0 } as const;
const encoder = createTextEncoder({ vocabSize, length: 10, ...sizes }, createRandom(1));
afterAll(() => encoder.dispose());

/** One word decides. */
const words = ['dog', 'cat'];
const split = (count: number) => ({
  texts: Array.from({ length: count }, (_, index) => `the ${words[index % 2]}${index % 3 === 0 ? ' barks .' : ''}`),
  labels: Int32Array.from({ length: count }, (_, index) => index % 2),
});
const data = { classes: words, train: split(40), test: split(12) };

it('tells texts apart by their frozen features, alike each time', async () => {
  for (const probe of [
    () => probeTextKnn(encoder, handMadeTokenizer, data, { k: 5 }),
    () => probeTextLinear(encoder, handMadeTokenizer, data, { seed: 1 }),
  ]) {
    const result = await probe();
    expect(result.accuracy).toBe(1);
    expect(await probe()).toEqual(result);
  }
});

it('is the probe of the mean features', async () => {
  const [train, test] = await Promise.all(
    [data.train, data.test].map(async ({ texts, labels }) => ({
      features: (await encodeTexts(encoder, handMadeTokenizer, texts)).data,
      labels,
      numClasses: 2,
    })),
  );
  expect(await probeTextKnn(encoder, handMadeTokenizer, data, { k: 3, batchSize: 7 })).toEqual(
    await knnProbe(train!, test!, { k: 3 }),
  );
});

it.each([
  [{ ...data, classes: ['dog'] }, /needs at least two classes to tell apart, got 1/],
  [
    { ...data, test: { texts: ['a'], labels: Int32Array.of(3) } },
    /the test texts have label 3, which no training text has/,
  ],
])('refuses what it cannot probe', async (wrong, message) => {
  const probing = probeTextKnn(encoder, handMadeTokenizer, wrong);
  await expect(probing).rejects.toThrow(InputError);
  await expect(probing).rejects.toThrow(message);
});
