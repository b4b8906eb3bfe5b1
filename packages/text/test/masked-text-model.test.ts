import { InputError, maskedIndices, visibleIndices } from '@qb-heat/core';
import { AdamW, constantRate, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TextModelOptions } from '../src/config.ts';
import { MaskedTextModel } from '../src/masked-text-model.ts';
import { packTexts } from '../src/packing.ts';
import type { TextBatch } from '../src/text-batches.ts';
import { textBatches } from '../src/text-batches.ts';
import { handMadeTokenizer } from './fixtures.ts';
import { fillsWithMasks, length, tinyBatch, tinyOptions, tokens, window } from './tiny-model.ts';

const frozen = { training: false, step: 0 };
const training = { training: true, step: 0 };

function create(fill: TextModelOptions['fill'], more: Partial<TextModelOptions> = {}): MaskedTextModel {
  const model = new MaskedTextModel(tinyOptions(fill, more));
  onTestFinished(() => model.dispose());
  return model;
}
const logitsOf = (model: MaskedTextModel, batch: TextBatch): number[][] =>
  tf.tidy(() => model.logits(batch, frozen).arraySync());

/** The batch with other tokens at these columns of its first row. */
function alter(batch: TextBatch, columns: readonly number[]): TextBatch {
  const ids = batch.ids.slice();
  for (const column of columns) ids[column] = 5 + ((ids[column]! + 3) % 9);
  return { ...batch, ids };
}

describe.each(fillsWithMasks)('with the fill %s', (fill, mask) => {
  it('sees nothing of the hidden tokens, and the visible ones', async () => {
    const model = create(fill);
    const batch = await tinyBatch(mask);
    const [visible, hidden] = [visibleIndices(batch.visibility), maskedIndices(batch.visibility)].map((columns) =>
      [...columns].slice(0, columns.length / 2),
    );
    const logits = logitsOf(model, batch);
    expect(logitsOf(model, alter(batch, hidden!))).toEqual(logits);
    expect(logitsOf(model, alter(batch, visible!))).not.toEqual(logits);
  });

  it('teaches every parameter', async () => {
    const model = create(fill, { encoder: { dim: 8, depth: 1, numHeads: 2, positions: 'learned' } });
    const batch = await tinyBatch(mask, { batchSize: 4 });
    // Off the start, where a last layer of zeros keeps the gradient from those before it.
    for (const variable of model.parameters.values()) tf.tidy(() => variable.assign(tf.add(variable, 0.01)));
    const { grads, value } = tf.variableGrads(() => model.loss(batch, training), [...model.parameters.values()]);
    for (const [path, variable] of model.parameters) {
      // Attention doesn't change when the same is added to every key.
      if (path.endsWith('key.bias')) continue;
      expect(grads[variable.name]!.abs().max().dataSync()[0], path).toBeGreaterThan(0);
    }
    tf.dispose([grads, value]);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const model = new MaskedTextModel(tinyOptions(fill));
    const batch = await tinyBatch(mask);
    const held = tf.memory().numTensors;
    model.loss(batch, training).dispose();
    const { effectiveRank } = await model.diagnostics(batch);
    expect(effectiveRank).toBeGreaterThan(1);
    expect(tf.memory().numTensors).toBe(held);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('loss', () => {
  it('is the mean cross-entropy in nats over the tokens that are asked for', async () => {
    const model = create('mask-token');
    const batch = await tinyBatch(window);
    expect(batch.weights).toContain(0);
    const columns = maskedIndices(batch.visibility);
    let total = 0;
    let count = 0;
    logitsOf(model, batch).forEach((row, index) => {
      if (batch.weights[index] === 0) return;
      const id = batch.ids[Math.floor(index / (columns.length / 2)) * length + columns[index]!]!;
      total += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[id]!;
      count++;
    });
    const loss = model.loss(batch, frozen);
    expect(loss.dataSync()[0]).toBeCloseTo(total / count, 5);
    loss.dispose();
  });

  it('starts near that of guessing blindly', async () => {
    const model = create('linear');
    const loss = model.loss(await tinyBatch(window), frozen);
    expect(Math.abs(loss.dataSync()[0]! - Math.log(handMadeTokenizer.vocabSize))).toBeLessThan(0.2);
    loss.dispose();
  });

  it.each(fillsWithMasks)('does not depend on what stands at padding (%s)', async (fill, mask) => {
    const model = create(fill);
    const batch = await tinyBatch(mask, { crossTexts: false, batchSize: 8 });
    const visible = visibleIndices(batch.visibility);
    const isSeen = [...visible].some((column, index) => {
      const row = Math.floor(index / (visible.length / batch.batchSize));
      return batch.padding![row * length + column] === 1;
    });
    expect(isSeen).toBe(true);
    const ids = batch.ids.map((id, place) => (batch.padding![place] === 1 ? 7 : id));
    const [clean, noisy] = [batch, { ...batch, ids }].map((each) =>
      tf.tidy(() => model.loss(each, frozen).dataSync()[0]!),
    );
    expect(noisy).toBeCloseTo(clean!, 5);
  });
});

/** Losses of a run on one sentence. */
async function overfit(
  fill: TextModelOptions['fill'],
  mask: typeof tokens,
  numSteps: number,
  seed = 1,
): Promise<number[]> {
  const text = await packTexts(['the dog sees a cat .'], handMadeTokenizer, { length });
  const model = create(fill, { seed });
  const optimizer = new AdamW(model.parameters, { weightDecay: 0, maxGradientNorm: 1 });
  onTestFinished(() => optimizer.dispose());
  // In order, or the sentence would be cut elsewhere every time.
  const options = { batchSize: 4, mask, tokenizer: handMadeTokenizer, seed: 1, shuffle: false };
  const batches = textBatches(text, options);
  const losses: number[] = [];
  const run = { batches, optimizer, schedule: constantRate(0.01), numSteps };
  for await (const { loss } of pretrain(model, run)) losses.push(loss);
  return losses;
}

describe('training', () => {
  it.each([
    ['linear', window, 120],
    ['mask-token', tokens, 160],
    ['interpolate', tokens, 160],
  ] as const)('can learn one sentence by heart with the fill %s', async (fill, mask, numSteps) => {
    const losses = await overfit(fill, mask, numSteps);
    expect(losses[0]).toBeGreaterThan(2);
    expect(Math.max(...losses.slice(-5))).toBeLessThan(0.15);
  });

  it('repeats to the bit with its seed and differs with another', async () => {
    const first = await overfit('linear', window, 4);
    expect(await overfit('linear', window, 4)).toEqual(first);
    expect(await overfit('linear', window, 4, 2)).not.toEqual(first);
  });

  it('starts encoder and decoder alike whatever the fill', () => {
    const [one, other] = [create('linear'), create('mask-token')];
    for (const [path, variable] of one.parameters) {
      if (path.startsWith('fill.')) continue;
      expect(other.parameters.get(path)!.dataSync(), path).toEqual(variable.dataSync());
    }
  });
});

describe('refuses', () => {
  it('a fill that needs a window when tokens are masked at random', async () => {
    const model = create('linear');
    const batch = await tinyBatch(tokens);
    expect(() => model.loss(batch, training)).toThrow(InputError);
  });

  it.each([
    [{ fill: 'magic' }, /magic/],
    [{ fill: 3 }, /text model fill: must be a name or/],
    [{ encoder: { dim: 8, depth: 1, numHeads: 3 } }, /text model encoder: numHeads must divide dim/],
    [{ encoder: { dim: 6, depth: 1, numHeads: 2, positions: 'rotary' } }, /heads of an even size/],
    [{ decoder: { dim: 7, depth: 1, numHeads: 1 } }, /text model decoder: dim must be even/],
    [{ encoder: { dim: 8, depht: 1, numHeads: 2 } }, /text model encoder.*depth/],
    [{ vocabSize: 0 }, /text model vocabSize/],
    [{ layers: 2 }, /text model.*layers/],
  ])('the options %j', (options, message) => {
    const before = tf.memory().numTensors;
    const make = () => new MaskedTextModel({ ...tinyOptions('zero'), ...options } as TextModelOptions);
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
