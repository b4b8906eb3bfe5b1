import { checkVisibility, countVisible, visibleIndices } from '@qb-heat/core';
import type { Block, BlockVisibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockPositions, createMaskSampler, fullVisibility } from '../src/masks.ts';

const grids = fc.record({ height: fc.integer({ min: 2, max: 9 }), width: fc.integer({ min: 2, max: 9 }) });

test('every block position gives blocks of one size within the grid', () => {
  fc.assert(
    fc.property(grids, fc.constantFrom(...blockPositions), fc.integer(), (grid, position, seed) => {
      const visibility = createMaskSampler({ kind: 'block', position }, grid)(4, createRandom(seed));
      checkVisibility(visibility);
      expect(visibility).toMatchObject({ kind: 'block', grid, batchSize: 4 });
    }),
  );
});

test('random patches are as many in every sample, ascending and within the grid', () => {
  fc.assert(
    fc.property(grids, fc.double({ min: 0.3, max: 0.6, noNaN: true }), fc.integer(), (grid, ratio, seed) => {
      const visibility = createMaskSampler({ kind: 'random', ratio }, grid)(3, createRandom(seed));
      checkVisibility(visibility);
      expect(countVisible(visibility)).toBe(Math.round(grid.height * grid.width * (1 - ratio)));
    }),
  );
});

test('by default the block is half as high and wide as the grid, in its centre', () => {
  const { blocks } = createMaskSampler({ kind: 'block', position: 'center' }, { height: 8, width: 4 })(
    2,
    createRandom(0),
  ) as BlockVisibility;
  expect(blocks).toEqual([{ top: 2, left: 1, height: 4, width: 2 }]);
});

test('on an odd grid the default block has the odd size that lies exactly in the centre', () => {
  expect(centreBlock(7)).toEqual({ top: 2, left: 2, height: 3, width: 3 });
  expect(centreBlock(9)).toEqual({ top: 2, left: 2, height: 5, width: 5 });
  expect(centreBlock(5)).toEqual({ top: 1, left: 1, height: 3, width: 3 });
});

test.each([
  ['center', 2, 2],
  ['top-left', 0, 0],
  ['top-right', 0, 4],
  ['bottom-left', 5, 0],
  ['bottom-right', 5, 4],
  ['top', 0, 2],
  ['bottom', 5, 2],
  ['left', 2, 0],
  ['right', 2, 4],
] as const)('%s lies there', (position, top, left) => {
  const sample = createMaskSampler({ kind: 'block', position, height: 3, width: 2 }, { height: 8, width: 6 });
  const { blocks } = sample(5, createRandom(0)) as BlockVisibility;
  expect(blocks).toEqual([{ top, left, height: 3, width: 2 }]);
});

test.each([
  ['corner', 4],
  ['edge', 4],
  ['random', 16],
] as const)('%s draws among all its %i places for each image', (position, numPlaces) => {
  const sample = createMaskSampler({ kind: 'block', position, height: 5, width: 3 }, { height: 8, width: 6 });
  const { blocks } = sample(400, createRandom(1)) as BlockVisibility;
  expect(blocks).toHaveLength(400);
  expect(new Set(blocks.map(({ top, left }) => `${top},${left}`)).size).toBe(numPlaces);
});

test('the random stream determines the mask', () => {
  const sample = createMaskSampler({ kind: 'random', ratio: 0.75 }, { height: 8, width: 8 });
  const indices = (seed: number) => visibleIndices(sample(2, createRandom(seed)));
  expect(indices(1)).toEqual(indices(1));
  expect(indices(1)).not.toEqual(indices(2));
});

test('everything is visible in one full block', () => {
  expect([...visibleIndices(fullVisibility({ height: 2, width: 2 }, 1))]).toEqual([0, 1, 2, 3]);
});

test('a block that does not fit is refused', () => {
  expect(() => createMaskSampler({ kind: 'block', position: 'center', height: 9 }, { height: 8, width: 8 })).toThrow(
    'mask.height: a block of 9×4 patches does not fit the grid of 8×8',
  );
});

test('a block that leaves nothing to predict is refused', () => {
  const whole = { kind: 'block', position: 'center', height: 2, width: 2 } as const;
  expect(() => createMaskSampler(whole, { height: 2, width: 2 })).toThrow('leaves nothing to predict');
});

test('a ratio that masks nothing or everything is refused', () => {
  const grid = { height: 2, width: 2 };
  expect(() => createMaskSampler({ kind: 'random', ratio: 0.95 }, grid)).toThrow(
    'mask.ratio: 0.95 of 4 patches leaves 0',
  );
  expect(() => createMaskSampler({ kind: 'random', ratio: 0.05 }, grid)).toThrow('leaves 4 visible');
});

/** The default block on a square grid. */
function centreBlock(side: number): Block {
  const sample = createMaskSampler({ kind: 'block', position: 'center' }, { height: side, width: side });
  return (sample(1, createRandom(0)) as BlockVisibility).blocks[0]!;
}

test('without a mask everything is visible', () => {
  const visibility = createMaskSampler({ kind: 'none' }, { height: 2, width: 3 })(4, createRandom(0));
  expect(visibility).toEqual(fullVisibility({ height: 2, width: 3 }, 4));
});
