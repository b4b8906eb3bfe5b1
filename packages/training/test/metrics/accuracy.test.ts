import { expect, it } from 'vitest';
import { accuracy } from '../../src/metrics/accuracy.ts';

it('accuracy is the share of right predictions', () => {
  expect(accuracy(Int32Array.of(1, 0, 2, 2), Int32Array.of(1, 1, 2, 2))).toBe(0.75);
});

it('accuracy wants one prediction per label', () => {
  expect(() => accuracy(Int32Array.of(1), Int32Array.of(1, 1))).toThrow(
    'accuracy: needs one prediction per label, got 1 for 2',
  );
});
