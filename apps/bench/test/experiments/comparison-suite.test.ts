import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CellProgress } from '../../src/experiments/cell.ts';
import type { Suite } from '../../src/experiments/suite.ts';
import { openTextSuite } from '../../src/experiments/text.ts';
import { openVisionSuite } from '../../src/experiments/vision.ts';
import { tinyText, tinyVision } from '../fixtures/tiny-settings.ts';
import { outcomeWithoutTimes } from '../fixtures/without-times.ts';

const textData = { path: null, textColumn: null, labelColumn: null, encoding: null, tokenizer: null };
const running = new AbortController().signal;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function runCell(suite: Suite, method: string, signal = running, masking?: string) {
  const cell = suite.cells.find((one) => one.method === method && (masking === undefined || one.masking === masking));
  if (cell === undefined) throw new Error(`no cell of ${method}`);
  const events: CellProgress[] = [];
  const work = suite.run(cell, signal);
  for (;;) {
    const next = await work.next();
    if (next.done === true) return { outcome: next.value, events };
    events.push(next.value);
  }
}

describe('the image suite', () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openVisionSuite({ path: null, seeds: [0, 1], fills: null, settings: tinyVision });
  });

  it('has the baseline, the method and a random encoder per seed, and the other controls once', () => {
    expect(suite.cells.map(({ method, role, seed }) => `${method} ${role} ${seed}`)).toEqual([
      'mask-token baseline 0',
      'linear method 0',
      'random-init control 0',
      'mask-token baseline 1',
      'linear method 1',
      'random-init control 1',
      'raw-pixels control 0',
      'majority control 0',
    ]);
  });

  it('trains, scores, probes and draws a method, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const { outcome, events } = await runCell(suite, 'linear');
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(outcome?.metrics ?? {})).toEqual(['heldOutLoss', 'knn', 'linearProbe']);
    expect(outcome?.metrics['heldOutLoss']).toBeLessThan(outcome?.training?.initialLoss ?? 0);
    expect(outcome?.training?.lossCurve).toHaveLength(tinyVision.optimization.numSteps);
    expect(outcome?.training?.referenceLoss).toBeGreaterThan(0.5);
    expect(outcome?.pictures[0]?.numPictures).toBe(8);
    expect(events.filter(({ phase }) => phase === 'pre-training').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('gives the same result for the same cell', async () => {
    const [first, second] = [await runCell(suite, 'linear'), await runCell(suite, 'linear')];
    expect(outcomeWithoutTimes(first.outcome)).toEqual(outcomeWithoutTimes(second.outcome));
  });

  it('probes the encoder that the methods start from as its control', async () => {
    const { outcome } = await runCell(suite, 'random-init');
    expect(Object.keys(outcome?.metrics ?? {})).toEqual(['knn', 'linearProbe']);
    expect(outcome?.training).toBeNull();
  });

  it('probes raw pixels and the majority class', async () => {
    expect((await runCell(suite, 'raw-pixels')).outcome?.metrics['knn']).toBeGreaterThan(0);
    const { outcome } = await runCell(suite, 'majority');
    // 24 test images in 12 classes of equal share, as far as 24 permutes: any one class has two.
    expect(outcome?.metrics).toEqual({ knn: 2 / 24, linearProbe: 2 / 24 });
  });

  it('ends without a result when it is stopped', async () => {
    const controller = new AbortController();
    controller.abort();
    const before = tf.memory().numTensors;
    expect((await runCell(suite, 'linear', controller.signal)).outcome).toBeUndefined();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('estimates a time for every cell, less for those that are not trained', async () => {
    const estimates = await suite.estimateMs(suite.cells, running);
    const timeOf = (method: string): number => {
      const cell = suite.cells.find((one) => one.method === method);
      return (cell && estimates.get(cell)) ?? Number.NaN;
    };
    expect(timeOf('linear')).toBeGreaterThan(timeOf('random-init'));
    expect(timeOf('random-init')).toBeGreaterThan(0);
    expect(timeOf('majority')).toBe(0);
  });
});

describe('the text suite', () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openTextSuite({ ...textData, seeds: [0], fills: null, settings: tinyText });
  });

  it('compares linear over a window and interpolation between random tokens', () => {
    const methods = suite.cells.filter(({ role }) => role !== 'control');
    expect(methods.map(({ masking, method }) => `${masking} ${method}`)).toEqual([
      'span mask-token',
      'span linear',
      'random mask-token',
      'random interpolate',
    ]);
  });

  it.each([
    ['span', 'linear'],
    ['random', 'interpolate'],
    ['random', 'mask-token'],
  ])('trains, scores and probes %s %s', async (masking, method) => {
    const before = tf.memory().numTensors;
    const { outcome } = await runCell(suite, method, running, masking);
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(outcome?.metrics ?? {})).toEqual(['heldOutLoss', 'maskedAccuracy', 'knn', 'linearProbe']);
    expect(outcome?.metrics['heldOutLoss']).toBeLessThan(outcome?.training?.initialLoss ?? 0);
    // Knowing how often words come is worth more than knowing nothing, and less than log of the vocabulary.
    expect(outcome?.training?.referenceLoss).toBeLessThan(Math.log(tinyText.vocabSize));
  });

  it('tells classes apart by word counts', async () => {
    const { outcome } = await runCell(suite, 'bag-of-words');
    expect(outcome?.metrics['knn']).toBeGreaterThan(2 / 8);
  });

  it('leaves fills that need a window out of random masks', async () => {
    const fills = ['linear', 'nearest'] as const;
    const other = await openTextSuite({ ...textData, seeds: [0], fills, settings: tinyText });
    const random = other.cells.filter(({ masking }) => masking === 'random');
    expect(random.map(({ method }) => method)).toEqual(['mask-token', 'nearest']);
  });
});
