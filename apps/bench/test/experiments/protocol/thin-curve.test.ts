import { expect, it } from 'vitest';
import { thinCurve } from '../../../src/experiments/protocol/thin-curve.ts';

it('keeps a short curve as it is', () => {
  expect(thinCurve([3, 2, 1], 3)).toEqual([
    { step: 0, loss: 3 },
    { step: 1, loss: 2 },
    { step: 2, loss: 1 },
  ]);
});

it('averages a long one over consecutive steps, the last of them fewer', () => {
  expect(thinCurve([5, 3, 2, 4, 1], 3)).toEqual([
    { step: 1, loss: 4 },
    { step: 3, loss: 3 },
    { step: 4, loss: 1 },
  ]);
});

it('gives no point for no step', () => {
  expect(thinCurve([], 3)).toEqual([]);
});
