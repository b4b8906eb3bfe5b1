import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkVisibility,
  countMasked,
  distanceToVisible,
  InputError,
  maskedIndices,
  visibilityMask,
  visibleIndices,
} from '../src/index.ts';
import type { BlockVisibility, Visibility } from '../src/index.ts';
import { noiseVisibility } from './reference.ts';

const grid = { height: 3, width: 4 };
const block = { top: 1, left: 2, height: 2, width: 1 };

function blocksOf(...blocks: BlockVisibility['blocks']): BlockVisibility {
  return { kind: 'block', grid, batchSize: blocks.length, blocks };
}

const scattered = (numVisible: number, indices: number[], batchSize = 1): Visibility => ({
  kind: 'scattered',
  grid,
  batchSize,
  numVisible,
  indices: Int32Array.from(indices),
});

describe('visibleIndices', () => {
  it('lists the cells of a block by rows', () => {
    // Rows 1 and 2 of column 2 in a grid four wide: 1·4 + 2 and 2·4 + 2.
    expect([...visibleIndices(blocksOf(block))]).toEqual([6, 10]);
  });

  it('repeats a shared block for every sample, and takes blocks of their own where given', () => {
    expect([...visibleIndices({ ...blocksOf(block), batchSize: 2 })]).toEqual([6, 10, 6, 10]);
    expect([...visibleIndices(blocksOf(block, { ...block, top: 0, left: 0 }))]).toEqual([6, 10, 0, 4]);
  });
});

describe('maskedIndices and visibilityMask', () => {
  it('are the complement of what is visible', () => {
    expect(Array.from(maskedIndices(blocksOf(block)))).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9, 11]);
    expect([...visibilityMask(blocksOf(block))]).toEqual([1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1]);
  });

  it('split any mask into all positions, each once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer(),
        (count, numVisible, seed) => {
          const visibility = noiseVisibility(4, 5, Math.min(numVisible, 20), (count % 3) + 1, seed);
          const numMasked = countMasked(visibility);
          const masked = maskedIndices(visibility);
          for (let sample = 0; sample < visibility.batchSize; sample++) {
            const visible = visibleIndices(visibility).slice(
              sample * visibility.numVisible,
              (sample + 1) * visibility.numVisible,
            );
            const hidden = masked.slice(sample * numMasked, (sample + 1) * numMasked);
            expect([...visible, ...hidden].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
          }
        },
      ),
    );
  });
});

describe('distanceToVisible', () => {
  it('counts diagonal steps once by Chebyshev and twice by Manhattan', () => {
    const corner = blocksOf({ top: 0, left: 0, height: 1, width: 1 });
    expect([...distanceToVisible(corner, 'chebyshev')]).toEqual([0, 1, 2, 3, 1, 1, 2, 3, 2, 2, 2, 3]);
    expect([...distanceToVisible(corner, 'manhattan')]).toEqual([0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5]);
  });

  it('is that to the nearest of scattered positions, in each sample', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), fc.boolean(), (numVisible, seed, isChebyshev) => {
        const visibility = noiseVisibility(5, 6, numVisible, 2, seed);
        const visible = visibleIndices(visibility);
        const wanted = Array.from({ length: 60 }, (_, cell) => {
          const sample = Math.floor(cell / 30);
          const places = Array.from(visible.subarray(sample * numVisible, (sample + 1) * numVisible));
          return Math.min(
            ...places.map((place) => {
              const rows = Math.abs(Math.floor(place / 6) - Math.floor((cell % 30) / 6));
              const columns = Math.abs((place % 6) - (cell % 6));
              return isChebyshev ? Math.max(rows, columns) : rows + columns;
            }),
          );
        });
        expect([...distanceToVisible(visibility, isChebyshev ? 'chebyshev' : 'manhattan')]).toEqual(wanted);
      }),
    );
  });
});

describe('checkVisibility', () => {
  it.each<[string, Visibility]>([
    ['visibility: a block of 2×1 at (2, 2) does not fit a grid of 3×4', blocksOf({ ...block, top: 2 })],
    ['visibility: a block of 2×1 at (1, 4) does not fit a grid of 3×4', blocksOf({ ...block, left: 4 })],
    ['visibility: block top must be an integer of at least 0, got -1', blocksOf({ ...block, top: -1 })],
    ['visibility: block height must be an integer of at least 1, got 0', blocksOf({ ...block, height: 0 })],
    [
      'visibility: blocks must hold 1 block or one per sample (batchSize = 3), got 2',
      { ...blocksOf(block, block), batchSize: 3 },
    ],
    [
      'visibility: the blocks of a batch must be of one size, got 2×1 and 1×1',
      blocksOf(block, { ...block, height: 1 }),
    ],
    ['visibility: blocks must hold 1 block or one per sample (batchSize = 1), got 0', { ...blocksOf(), batchSize: 1 }],
    ['visibility: numVisible must be an integer of at least 1, got 0', scattered(0, [])],
    ['visibility: indices must be [batchSize, numVisible] = [2, 2], got 3 entries', scattered(2, [1, 2, 3], 2)],
    ['visibility: indices must ascend within [0, 12), got 2 after 2 in sample 0', scattered(2, [2, 2])],
    ['visibility: indices must ascend within [0, 12), got 12 after 3 in sample 1', scattered(2, [0, 1, 3, 12], 2)],
  ])('says: %s', (message, visibility) => {
    expect(() => checkVisibility(visibility)).toThrow(new InputError(message));
  });

  it('takes the last row and column', () => {
    expect(() => checkVisibility(blocksOf({ ...block, left: 3 }))).not.toThrow();
    expect(() => checkVisibility(scattered(2, [0, 11]))).not.toThrow();
  });
});
