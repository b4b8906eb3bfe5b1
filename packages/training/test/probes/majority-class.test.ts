import { expect, it } from 'vitest';
import { majorityClass } from '../../src/probes/majority-class.ts';

it('majorityClass answers with the most frequent class of the training set', () => {
  const train = { labels: Int32Array.of(2, 0, 2, 1, 2, 0), numClasses: 3 };
  const test = { labels: Int32Array.of(0, 0, 2, 0) };
  expect(majorityClass(train, test)).toEqual({ accuracy: 0.25, predictions: Int32Array.of(2, 2, 2, 2) });
});
