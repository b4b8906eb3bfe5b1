import type { Visibility } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { UnigramLoss } from '../../../src/experiments/text/unigram-loss.ts';

describe('UnigramLoss', () => {
  it('is the mean surprise of the tokens that are asked for', () => {
    // Counts 3, 1, 0 of 4 tokens, with one added each: 4/7, 2/7, 1/7.
    const unigrams = new UnigramLoss(Int32Array.of(3, 1, 0));
    const visibility: Visibility = {
      kind: 'scattered',
      grid: { height: 1, width: 3 },
      batchSize: 2,
      numVisible: 1,
      indices: Int32Array.of(0, 2),
    };
    const ids = Int32Array.of(0, 1, 2, 0, 0, 1);
    // Hidden: 1 and 2 of the first row, 0 and 0 of the second, the last of which is not asked for.
    const loss = unigrams.of({ ids, length: 3, visibility, weights: Float32Array.of(1, 1, 1, 0) });
    expect(loss).toBeCloseTo(-(Math.log(2 / 7) + Math.log(1 / 7) + Math.log(4 / 7)) / 3, 12);
  });
});
