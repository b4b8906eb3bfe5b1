import { maskedIndices } from '@qb-heat/core';
import { AdamW, constantRate, createRandom, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BertModel } from '../src/bert-model.ts';
import type { BertModelOptions } from '../src/config.ts';
import { packTexts } from '../src/packing.ts';
import { textBatches } from '../src/text-batches.ts';
import { replaceMasked } from '../src/replace-masked.ts';
import { handMadeTokenizer } from './fixtures.ts';
import { length, tinyBatch, tinyBertOptions, tokens, window } from './tiny-model.ts';

const maskId = handMadeTokenizer.special.mask;
const { vocabSize } = handMadeTokenizer;

function create(more: Partial<BertModelOptions> = {}): BertModel {
  const model = new BertModel(tinyBertOptions(more));
  onTestFinished(() => model.dispose());
  return model;
}

describe('replaceMasked', () => {
  it('hides every hidden token, also special ones outside a window, and nothing else', async () => {
    const batch = await tinyBatch(window);
    const replaced = replaceMasked(batch, { maskId, vocabSize, keepSome: false }, createRandom(1));
    const hidden = new Set(
      [...maskedIndices(batch.visibility)].map((column, index) => Math.floor(index / 4) * length + column),
    );
    replaced.forEach((id, place) => expect(id).toBe(hidden.has(place) ? maskId : batch.ids[place]));
  });

  it('leaves padding alone', async () => {
    const batch = await tinyBatch(window, { crossTexts: false, batchSize: 4 });
    const replaced = replaceMasked(batch, { maskId, vocabSize, keepSome: false }, createRandom(1));
    replaced.forEach((id, place) => {
      if (batch.padding![place] === 1) expect(id).toBe(0);
    });
  });

  it('masks 80 %, draws 10 % and keeps 10 % when some are kept', async () => {
    const batch = await tinyBatch(tokens, { batchSize: 4000 });
    // Random tokens out of a million are almost never those of the text.
    const rule = { maskId, vocabSize: 1_000_000, keepSome: true };
    const replaced = replaceMasked(batch, rule, createRandom(1));
    const numHidden = maskedIndices(batch.visibility).length;
    const numMasked = replaced.filter((id) => id === maskId).length;
    const numDrawn = replaced.filter((id) => id >= vocabSize).length;
    expect(numMasked / numHidden).toBeCloseTo(0.8, 1);
    expect(numDrawn / numHidden).toBeCloseTo(0.1, 1);
  });
});

describe('BertModel', () => {
  it('is asked about [MASK] alone when it is frozen', async () => {
    const batch = await tinyBatch(tokens);
    const model = create({ keepSome: true });
    const logits = (step: number, training: boolean) =>
      tf.tidy(() => model.logits(batch, { training, step }).arraySync());
    expect(logits(1, false)).toEqual(logits(2, false));
    expect([2, 3, 4, 5].some((step) => logits(step, true)[0]![0] !== logits(1, true)[0]![0])).toBe(true);
    expect(logits(1, true)).toEqual(logits(1, true));
  });

  it('starts its encoder as the other models do', () => {
    const model = create();
    const other = create({ keepSome: true });
    for (const [path, variable] of model.parameters) {
      expect(other.parameters.get(path)!.dataSync()).toEqual(variable.dataSync());
    }
  });

  it('can learn one sentence by heart', async () => {
    const text = await packTexts(['the dog sees a cat .'], handMadeTokenizer, { length });
    const model = create();
    const optimizer = new AdamW(model.parameters, { weightDecay: 0, maxGradientNorm: 1 });
    onTestFinished(() => optimizer.dispose());
    // In order, or the sentence would be cut elsewhere every time.
    const options = { batchSize: 4, mask: tokens, tokenizer: handMadeTokenizer, seed: 1, shuffle: false };
    const batches = textBatches(text, options);
    const losses: number[] = [];
    const run = { batches, optimizer, schedule: constantRate(0.01), numSteps: 120 };
    for await (const { loss } of pretrain(model, run)) losses.push(loss);
    expect(Math.max(...losses.slice(-5))).toBeLessThan(0.15);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const model = new BertModel(tinyBertOptions());
    model.loss(await tinyBatch(tokens), { training: true, step: 0 }).dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses unknown options', () => {
    const options = { ...tinyBertOptions(), fill: 'linear' } as BertModelOptions;
    expect(() => new BertModel(options)).toThrow(/BERT model.*fill/);
  });
});
