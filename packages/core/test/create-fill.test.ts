import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { createFill, fillNames, gatherVisible, InputError } from '../src/index.ts';
import type { FillName, FillSpec, Visibility } from '../src/index.ts';
import { expectClose, noise, noiseVisibility } from './reference.ts';

const grid = { height: 4, width: 5 };
const sequence = { height: 1, width: 9 };
const dim = 3;

const sharedBlock: Visibility = {
  kind: 'block',
  grid,
  batchSize: 2,
  blocks: [{ top: 1, left: 2, height: 2, width: 2 }],
};
const ownBlocks: Visibility = {
  kind: 'block',
  grid,
  batchSize: 2,
  blocks: [
    { top: 0, left: 3, height: 2, width: 2 },
    { top: 2, left: 1, height: 2, width: 2 },
  ],
};
const span: Visibility = {
  kind: 'block',
  grid: sequence,
  batchSize: 2,
  blocks: [{ top: 0, left: 2, height: 1, width: 4 }],
};
const visibilities: Record<string, Visibility> = {
  'a shared block': sharedBlock,
  'a block per sample': ownBlocks,
  'a scattered mask': noiseVisibility(4, 5, 4, 2),
  'a span': span,
  'a scattered sequence': noiseVisibility(1, 9, 4, 2),
};

function suits(name: FillName, visibility: Visibility): boolean {
  if (name === 'linear' || name === 'mlp') return visibility.kind === 'block';
  if (name === 'interpolate' || name === 'least-squares') return visibility.grid.height === 1;
  return true;
}

describe.each(Object.entries(visibilities))('every fill on %s', (_, visibility) => {
  const numVisible = 4;
  const features = tf.tensor3d(noise(2 * numVisible * dim, 5), [2, numVisible, dim]);

  it.each(fillNames.filter((name) => suits(name, visibility)))(
    '%s keeps what is visible and fills the rest',
    (name) => {
      const fill = createFill(name, { dim, grid: visibility.grid, seed: 7 });
      const all = fill.apply(features, visibility);
      expect(all.shape).toEqual([2, visibility.grid.height * visibility.grid.width, dim]);
      expect(Array.from(all.dataSync()).every(Number.isFinite)).toBe(true);
      expectClose(gatherVisible(all, visibility), features.dataSync(), 0);
      fill.dispose();
    },
  );
});

describe('createFill', () => {
  it('refuses a fill that does not exist and lists those that do', () => {
    expect(() => createFill('linea' as FillName, { dim, grid, seed: 1 })).toThrow(
      new InputError(`createFill: fill must be one of ${fillNames.join(', ')}, got 'linea'`),
    );
  });

  it('refuses an option that the fill does not have', () => {
    expect(() => createFill({ name: 'zero', scheme: 'euler' } as FillSpec, { dim, grid, seed: 1 })).toThrow(
      "createFill: fill 'zero' has no option 'scheme', its options are: none",
    );
  });

  it('draws the same mask token from the same seed, 0 included, and another from another', () => {
    const tokens = [0, 0, 1].map((seed) =>
      createFill('mask-token', { dim: 64, grid, seed }).parameters.get('token')!.dataSync(),
    );
    expect(tokens[0]).toEqual(tokens[1]);
    expect(tokens[0]).not.toEqual(tokens[2]);
    const deviation = Math.hypot(...tokens[0]!) / 8;
    expect(deviation).toBeGreaterThan(0.015);
    expect(deviation).toBeLessThan(0.025);
  });
});
