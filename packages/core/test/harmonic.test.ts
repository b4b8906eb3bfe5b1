import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmonic, interpolate, isotropic } from '../src/index.ts';
import type { BlockVisibility, Conductivity, Visibility } from '../src/index.ts';
import { visibleIndices } from '../src/index.ts';
import { expectClose, expectGradients, expectNoLeak, noise, noiseVisibility, solveDense, zeros } from './reference.ts';

/** The Laplace equation of one sample with one channel, assembled densely and solved in float64. */
function harmonicReference(
  { height, width }: { height: number; width: number },
  visible: readonly number[],
  values: readonly number[],
  conductivity: Conductivity,
): number[] {
  const numCells = height * width;
  const system = Array.from({ length: numCells }, () => zeros(numCells));
  const right = zeros(numCells);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const cell = row * width + column;
      const at = visible.indexOf(cell);
      if (at !== -1) {
        system[cell]![cell] = 1;
        right[cell] = values[at]!;
        continue;
      }
      const neighbours: [number, number, number][] = [
        [row - 1, column, conductivity.y],
        [row + 1, column, conductivity.y],
        [row, column - 1, conductivity.x],
        [row, column + 1, conductivity.x],
      ];
      for (const [y, x, flow] of neighbours) {
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        system[cell]![cell]! += flow;
        system[cell]![y * width + x]! -= flow;
      }
    }
  }
  return solveDense(system, right);
}

function expectReference(visibility: Visibility, numVisible: number, conductivity: Conductivity): void {
  const { grid, batchSize } = visibility;
  const values = noise(batchSize * numVisible, 31);
  const all = harmonic(tf.tensor3d(values, [batchSize, numVisible, 1]), visibility, conductivity);
  const places = [...visibleIndices(visibility)];
  const wanted = Array.from({ length: batchSize }, (_, sample) => {
    const range = [sample * numVisible, (sample + 1) * numVisible] as const;
    return harmonicReference(grid, places.slice(...range), values.slice(...range), conductivity);
  });
  expectClose(all, wanted.flat(), 2e-6);
}

describe('harmonic', () => {
  it('puts the mean of four neighbours in a hole, by hand', () => {
    // All but the middle of 3×3 visible; up 1, left 2, right 4, down 9: (1 + 2 + 4 + 9) / 4 = 4.
    const visibility: Visibility = {
      kind: 'scattered',
      grid: { height: 3, width: 3 },
      batchSize: 1,
      numVisible: 8,
      indices: Int32Array.from([0, 1, 2, 3, 5, 6, 7, 8]),
    };
    const features = tf.tensor3d([50, 1, 60, 2, 4, 70, 9, 80], [1, 8, 1]);
    expectClose([harmonic(features, visibility).dataSync()[4]!], [4], 1e-6);
    // Three times the flow along x: (1 + 9 + 3 · 2 + 3 · 4) / 8 = 3.5.
    expectClose([harmonic(features, visibility, { x: 3, y: 1 }).dataSync()[4]!], [3.5], 1e-6);
  });

  it('solves the Laplace equation for any mask on any grid', () => {
    const size = fc.integer({ min: 1, max: 9 });
    const flow = fc.constantFrom(isotropic, { x: 0.2, y: 3 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 81 }),
        fc.integer(),
        flow,
        (height, width, count, seed, conductivity) => {
          const numVisible = Math.min(count, height * width);
          expectReference(noiseVisibility(height, width, numVisible, 2, seed), numVisible, conductivity);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('solves it around blocks, shared and of their own', () => {
    const block = { top: 2, left: 1, height: 2, width: 3 };
    const visibility: BlockVisibility = { kind: 'block', grid: { height: 6, width: 5 }, batchSize: 2, blocks: [block] };
    expectReference(visibility, 6, isotropic);
    expectReference({ ...visibility, blocks: [block, { ...block, top: 4, left: 0 }] }, 6, isotropic);
  });

  it('is linear interpolation on a sequence, and on a column', () => {
    const visibility = noiseVisibility(1, 20, 6, 3);
    const features = tf.tensor3d(noise(36, 2), [3, 6, 2]);
    const wanted = interpolate(features, visibility).dataSync();
    expectClose(harmonic(features, visibility), wanted, 1e-6);
    expectClose(harmonic(features, { ...visibility, grid: { height: 20, width: 1 } }), wanted, 1e-6);
  });

  it('spreads a single visible feature, and changes nothing where all are visible', () => {
    const one = noiseVisibility(4, 4, 1, 1);
    expectClose(
      harmonic(tf.tensor3d([3], [1, 1, 1]), one),
      Array.from({ length: 16 }, () => 3),
      1e-6,
    );
    const all = noiseVisibility(4, 4, 16, 1);
    expectClose(harmonic(tf.tensor3d(noise(16, 1), [1, 16, 1]), all), noise(16, 1), 1e-7);
  });

  it('stays accurate along a gap of 500', () => {
    const visibility: Visibility = {
      kind: 'scattered',
      grid: { height: 1, width: 502 },
      batchSize: 1,
      numVisible: 2,
      indices: Int32Array.from([0, 501]),
    };
    const filled = harmonic(tf.tensor3d([0, 1], [1, 2, 1]), visibility);
    expectClose(
      filled,
      Array.from({ length: 502 }, (_, t) => t / 501),
      1e-5,
    );
  });

  it('has the gradients of finite differences', () => {
    const visibility = noiseVisibility(3, 4, 4, 2);
    expectGradients((z) => harmonic(z as tf.Tensor3D, visibility), [tf.tensor3d(noise(16, 3), [2, 4, 2])]);
    const block: BlockVisibility = {
      kind: 'block',
      grid: { height: 3, width: 4 },
      batchSize: 2,
      blocks: [{ top: 0, left: 1, height: 2, width: 2 }],
    };
    expectGradients((z) => harmonic(z as tf.Tensor3D, block), [tf.tensor3d(noise(16, 3), [2, 4, 2])]);
  });

  it('leaves no tensors behind', () => {
    const visibility = noiseVisibility(3, 4, 4, 2);
    const features = tf.zeros<tf.Rank.R3>([2, 4, 2]);
    expectNoLeak(() => harmonic(features, visibility));
    expectNoLeak(() => tf.grad((z) => harmonic(z as tf.Tensor3D, visibility))(features));
  });

  it('refuses a conductivity of zero, which would cut cells off', () => {
    expect(() => harmonic(tf.zeros([1, 1, 1]), noiseVisibility(2, 2, 1, 1), { x: 1, y: 0 })).toThrow(
      'harmonic: conductivity must be positive on both axes, got x = 1, y = 0',
    );
  });
});
