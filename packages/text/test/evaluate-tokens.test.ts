import { distanceToVisible, maskedIndices } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { evaluateTokens } from '../src/evaluate-tokens.ts';
import { MaskedTextModel } from '../src/masked-text-model.ts';
import { length, tinyBatch, tinyOptions, window } from './tiny-model.ts';

function create(): MaskedTextModel {
  const model = new MaskedTextModel(tinyOptions('mask-token'));
  onTestFinished(() => model.dispose());
  return model;
}
const batches = (index: number) => tinyBatch(window, { index });

describe('evaluateTokens', () => {
  it('scores each token that is asked for by its distance, as a loop over the logits does', async () => {
    const model = create();
    const expected = new Map<number, { loss: number; numCorrect: number; numTokens: number }>();
    for (const index of [0, 1]) {
      const batch = await batches(index);
      const distances = distanceToVisible(batch.visibility, 'chebyshev');
      const columns = maskedIndices(batch.visibility);
      const logits = tf.tidy(() => model.logits(batch, { training: false, step: 0 }).arraySync());
      columns.forEach((column, place) => {
        if (batch.weights[place] === 0) return;
        const cell = Math.floor(place / (columns.length / batch.batchSize)) * length + column;
        const [row, id] = [logits[place]!, batch.ids[cell]!];
        const total = expected.get(distances[cell]!) ?? { loss: 0, numCorrect: 0, numTokens: 0 };
        total.loss -= Math.log(Math.exp(row[id]!) / row.reduce((sum, logit) => sum + Math.exp(logit), 0));
        total.numCorrect += row.indexOf(Math.max(...row)) === id ? 1 : 0;
        total.numTokens++;
        expected.set(distances[cell]!, total);
      });
    }
    const { byDistance, loss, accuracy, numTokens } = await evaluateTokens(model, { batches, numBatches: 2 });
    expect(byDistance.map(({ distance }) => distance)).toEqual([...expected.keys()].toSorted((a, b) => a - b));
    for (const score of byDistance) {
      const total = expected.get(score.distance)!;
      expect(score.numTokens).toBe(total.numTokens);
      expect(score.loss).toBeCloseTo(total.loss / total.numTokens, 5);
      expect(score.accuracy).toBeCloseTo(total.numCorrect / total.numTokens, 9);
    }
    const totals = [...expected.values()];
    const sum = (field: 'loss' | 'numCorrect' | 'numTokens') => totals.reduce((all, total) => all + total[field], 0);
    expect(numTokens).toBe(sum('numTokens'));
    expect(loss).toBeCloseTo(sum('loss') / numTokens, 5);
    expect(accuracy).toBeCloseTo(sum('numCorrect') / numTokens, 9);
  });

  it('gives the loss that the model trains on', async () => {
    const model = create();
    const { loss } = await evaluateTokens(model, { batches, numBatches: 1 });
    const trained = model.loss(await batches(0), { training: false, step: 0 });
    expect(loss).toBeCloseTo(trained.dataSync()[0]!, 5);
    trained.dispose();
  });

  it('leaves no tensor behind', async () => {
    const model = create();
    const before = tf.memory().numTensors;
    await evaluateTokens(model, { batches, numBatches: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('stops when told so, with NaN for what it did not see', async () => {
    const stopped = await evaluateTokens(create(), { batches, numBatches: 3, signal: AbortSignal.abort() });
    expect(stopped).toEqual({ loss: Number.NaN, accuracy: Number.NaN, numTokens: 0, byDistance: [] });
  });
});
