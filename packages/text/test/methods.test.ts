import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BertModel } from '../src/bert-model.ts';
import type { MaskedTextModel } from '../src/masked-text-model.ts';
import { createTextModel, takesMask, textMethods } from '../src/methods.ts';
import type { TextMethod } from '../src/methods.ts';
import { handMadeTokenizer } from './fixtures.ts';
import { length, randomWindow, tinyBatch, tokens } from './tiny-model.ts';

const options = {
  tokenizer: handMadeTokenizer,
  length,
  encoder: { dim: 8, depth: 1, numHeads: 2 },
  decoder: { dim: 8, depth: 1, numHeads: 2 },
  seed: 1,
};
function create(method: TextMethod) {
  const model = createTextModel(method, options);
  onTestFinished(() => model.dispose());
  return model;
}
const lossOf = (method: TextMethod, batch: Awaited<ReturnType<typeof tinyBatch>>): number =>
  tf.tidy(() => create(method).loss(batch, { training: false, step: 0 }).dataSync()[0]!);

describe.each(textMethods)('the method %s', (method) => {
  it('has a loss under every kind of mask that it takes, and an error under the others', async () => {
    for (const [kind, mask] of [
      ['window', randomWindow],
      ['tokens', tokens],
    ] as const) {
      const batch = await tinyBatch(mask);
      if (takesMask(method, kind)) expect(lossOf(method, batch)).toBeGreaterThan(0);
      else expect(() => lossOf(method, batch)).toThrow(InputError);
    }
  });

  it('starts encoder and decoder as every other', () => {
    const baseline = create('mask-token');
    for (const [path, variable] of create(method).parameters) {
      if (!path.startsWith('fill.')) expect(baseline.parameters.get(path)!.dataSync()).toEqual(variable.dataSync());
    }
  });
});

it('passes on directions, schemes and BERT’s rule', () => {
  const fillOf = (method: TextMethod) => (create(method) as MaskedTextModel).config.fill;
  expect(fillOf('linear-cayley-free')).toEqual({ name: 'linear', scheme: 'cayley', direction: 'free' });
  expect(fillOf('norm-linear')).toEqual({ name: 'linear', scheme: 'norm-linear' });
  expect([...create('linear-free').parameters.keys()].filter((path) => path.startsWith('fill.'))).toEqual([
    'fill.left',
    'fill.right',
  ]);
  const config = (create('bert-80-10-10') as BertModel).config;
  expect(config).toMatchObject({ keepSome: true, maskId: handMadeTokenizer.special.mask });
  expect((create('bert') as BertModel).config.keepSome).toBe(false);
});

it('refuses a name that does not exist and lists those that do', () => {
  expect(() => createTextModel('gpt' as TextMethod, options)).toThrow(InputError);
  expect(() => takesMask('toString' as TextMethod, 'window')).toThrow(
    /'toString' does not exist; expected one of mask/,
  );
});
