import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTextEncoder } from '../../src/encoders/create-encoder.ts';
import { labelledBatches } from '../../src/probes/labelled-batches.ts';
import { TextClassifier } from '../../src/probes/text-classifier.ts';
import type { TextClassifierOptions } from '../../src/probes/text-classifier.ts';
import { handMadeTokenizer } from '../fixtures.ts';

const texts = ['the dog barks .', 'a cat', 'the cat sees a dog', 'dogs'];
const data = { texts, labels: Int32Array.of(0, 1, 1, 0) };
const batch = labelledBatches(data, handMadeTokenizer, { batchSize: 4, maxLength: 10, seed: 0 }).batches(0);
const training = { training: true, step: 3 };
const frozen = { training: false, step: 0 };

function create(options: Partial<TextClassifierOptions> = {}): TextClassifier {
  const { vocabSize } = handMadeTokenizer;
  const sizes = { kind: 'transformer', dim: 8, depth: 1, numHeads: 2, positions: 'learned', dropoutRate: 0 } as const;
  const encoder = createTextEncoder({ vocabSize, length: 10, ...sizes }, createRandom(1));
  const classifier = new TextClassifier(encoder, {
    numClasses: 2,
    head: 'linear',
    isFrozen: false,
    seed: 1,
    ...options,
  });
  onTestFinished(() => [classifier, encoder].forEach((each) => each.dispose()));
  return classifier;
}
const lossOf = (classifier: TextClassifier, context = training): number =>
  tf.tidy(() => classifier.loss(batch, context).dataSync()[0]!);

describe.each(['linear', 'tran-1'] as const)('with the head %s', (head) => {
  it.each([true, false])('teaches the head, and the encoder unless frozen (%s)', (isFrozen) => {
    const classifier = create({ head, isFrozen });
    expect([...classifier.parameters.keys()].some((path) => path.startsWith('encoder.'))).toBe(!isFrozen);
    const { value, grads } = tf.variableGrads(
      () => classifier.loss(batch, training),
      [...classifier.parameters.values()],
    );
    for (const [path, variable] of classifier.parameters) {
      if (path.endsWith('key.bias') || path.includes('positions')) continue;
      expect(grads[variable.name]!.abs().max().dataSync()[0], path).toBeGreaterThan(0);
    }
    tf.dispose([value, grads]);
  });

  it('says of a text what it says of it among longer padding', async () => {
    const classifier = create({ head });
    const { batchSize, length, ids, padding } = batch;
    const wider = { batchSize, length: length - 1, ids: cut(ids, length), padding: cut(padding, length) };
    expect(await classifier.predict(wider)).toEqual(await classifier.predict(batch));
  });

  it('leaves no tensor behind', async () => {
    const classifier = create({ head, mixup: { at: 'features' }, dropoutRate: 0.2 });
    const before = tf.memory().numTensors;
    lossOf(classifier);
    await classifier.diagnostics(batch);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** The same rows without their last column. */
function cut<T extends Int32Array | Float32Array>(values: T, length: number): T {
  return values.filter((_, index) => index % length !== length - 1) as T;
}

describe('mixup', () => {
  it.each(['embeddings', 'features'] as const)('at %s changes the loss in training alone', (at) => {
    const [plain, mixed] = [create(), create({ mixup: { at, alpha: 1 } })];
    expect(lossOf(mixed, frozen)).toBe(lossOf(plain, frozen));
    expect(lossOf(mixed)).not.toBe(lossOf(plain));
    expect(lossOf(mixed)).toBe(lossOf(mixed));
    expect(lossOf(mixed, { training: true, step: 4 })).not.toBe(lossOf(mixed));
  });

  it.each(['embeddings', 'features'] as const)('at %s of shares near 1 is no mixup', (at) => {
    // Beta(α, α) of a large α is near a half, of a tiny one near 0 or 1: then each text is itself or its partner.
    const rows = { ...batch, ids: batch.ids.map((_, index) => batch.ids[index % batch.length]!) };
    const padding = batch.padding.map((_, index) => batch.padding[index % batch.length]!);
    const alike = { ...rows, padding, labels: new Int32Array(4) };
    const [plain, mixed] = [create(), create({ mixup: { at, alpha: 5 } })].map((classifier) =>
      tf.tidy(() => classifier.loss(alike, training).dataSync()[0]!),
    );
    // Mixing a text with itself leaves it.
    expect(mixed).toBeCloseTo(plain!, 4);
  });
});

it.each([
  [{ numClasses: 1 }, /numClasses must be a whole number of at least 2, got 1/],
  [{ isFrozen: true, mixup: { at: 'embeddings' } }, /mixup at 'embeddings' is for fine-tuning/],
  [{ head: 'tran-1', numHeads: 3 }, /numHeads must divide dim = 8, got 3/],
] as const)('refuses the options %j', (options, message) => {
  expect(() => create(options as Partial<TextClassifierOptions>)).toThrow(InputError);
  expect(() => create(options as Partial<TextClassifierOptions>)).toThrow(message);
});
