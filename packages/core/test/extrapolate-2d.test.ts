import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extrapolate1d, extrapolate2d, InputError, LinearOperator, modes, routes } from '../src/index.ts';
import type { AxisOperators, Block, BlockVisibility, Grid, GridOperators, Mode, Route } from '../src/index.ts';
import {
  addScaled,
  expectClose,
  expectGradients,
  expectNoLeak,
  identity,
  kernelShapes,
  noise,
  noiseMatrix,
  noiseVisibility,
  transform,
} from './reference.ts';
import type { Matrix } from './reference.ts';

const dim = 3;

interface Generators {
  readonly left: Matrix;
  readonly right: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

const free: Generators = {
  left: noiseMatrix(dim, 1, 0.4),
  right: noiseMatrix(dim, 2, 0.4),
  up: noiseMatrix(dim, 3, 0.4),
  down: noiseMatrix(dim, 4, 0.4),
};

function negate(a: Matrix): Matrix {
  return a.map((row) => row.map((value) => -value));
}

/** The generators of free directions that step as tied ones do. */
const tied: Generators = { left: negate(free.right), right: free.right, up: negate(free.down), down: free.down };

function operatorOf(a: Matrix): LinearOperator {
  return new LinearOperator(tf.tensor2d(a));
}

function freeOperators({ left, right, up, down }: Generators): GridOperators {
  return {
    x: { direction: 'free', before: operatorOf(left), after: operatorOf(right) },
    y: { direction: 'free', before: operatorOf(up), after: operatorOf(down) },
  };
}

const tiedOperators: GridOperators = {
  x: { direction: 'tied', both: operatorOf(tied.right) },
  y: { direction: 'tied', both: operatorOf(tied.down) },
};

const move = (z: number[], a: Matrix, delta: number): number[] => transform(addScaled(identity(dim), a, delta), z);

/** One sample cell by cell with Euler steps in float64: from the cell to its place within the block, one jump at a time. */
function extrapolateReference(
  visible: readonly number[][],
  { height, width }: Grid,
  block: Block,
  generators: Generators,
  mode: Mode,
  route: 'xy' | 'yx',
): number[] {
  const jumpX = mode === 'stepwise' ? 1 : block.width;
  const jumpY = mode === 'stepwise' ? 1 : block.height;
  const cellAt = (row: number, column: number): number[] => {
    let [y, x] = [row, column];
    const moves: { axis: 'x' | 'y'; apply: (z: number[]) => number[] }[] = [];
    while (x >= block.left + block.width) {
      x -= jumpX;
      moves.push({ axis: 'x', apply: (z) => move(z, generators.right, jumpX) });
    }
    while (x < block.left) {
      x += jumpX;
      moves.push({ axis: 'x', apply: (z) => move(z, generators.left, jumpX) });
    }
    while (y >= block.top + block.height) {
      y -= jumpY;
      moves.push({ axis: 'y', apply: (z) => move(z, generators.down, jumpY) });
    }
    while (y < block.top) {
      y += jumpY;
      moves.push({ axis: 'y', apply: (z) => move(z, generators.up, jumpY) });
    }
    const first = route === 'xy' ? 'x' : 'y';
    const ordered = [...moves.filter(({ axis }) => axis === first), ...moves.filter(({ axis }) => axis !== first)];
    return ordered.reduce((z, { apply }) => apply(z), visible[(y - block.top) * block.width + (x - block.left)]!);
  };
  return Array.from({ length: height * width }, (_, cell) => cellAt(Math.floor(cell / width), cell % width)).flat();
}

function expectReference(
  visibility: BlockVisibility,
  operators: GridOperators,
  generators: Generators,
  mode: Mode,
  route: Route,
): void {
  const { grid, batchSize, blocks } = visibility;
  const [first] = blocks;
  const numVisible = first!.height * first!.width;
  const features = tf.tensor3d(noise(batchSize * numVisible * dim, 5), [batchSize, numVisible, dim]);
  const all = extrapolate2d(features, visibility, operators, { mode, route });
  const wanted = features.arraySync().flatMap((visible, sample) => {
    const block = blocks[blocks.length === 1 ? 0 : sample]!;
    const [xy, yx] = (['xy', 'yx'] as const).map((way) =>
      extrapolateReference(visible, grid, block, generators, mode, way),
    );
    if (route === 'mean') return xy!.map((value, i) => (value + yx![i]!) / 2);
    return route === 'xy' ? xy! : yx!;
  });
  expectClose(all, wanted, 1e-4);
}

describe('extrapolate2d', () => {
  it('goes two steps right by hand, with an asymmetric A', () => {
    // A = [[0, 1], [2, 3]], z = (1, 0). (I + A) z = (1, 2); (I + A)² z = (I + A)(1, 2) = (3, 10).
    const x: AxisOperators = {
      direction: 'tied',
      both: operatorOf([
        [0, 1],
        [2, 3],
      ]),
    };
    const visibility: BlockVisibility = {
      kind: 'block',
      grid: { height: 1, width: 4 },
      batchSize: 1,
      blocks: [{ top: 0, left: 1, height: 1, width: 1 }],
    };
    // To the left: (I − A) z = (1, −2).
    expectClose(extrapolate2d(tf.tensor3d([[[1, 0]]]), visibility, { x }), [1, -2, 1, 0, 1, 2, 3, 10], 1e-6);
  });

  it('gives (3, 2) to exactly (11, 2), (3, 10) and (11, 10) blockwise, 8×8 in the corner of 16×16', () => {
    const visibility: BlockVisibility = {
      kind: 'block',
      grid: { height: 16, width: 16 },
      batchSize: 1,
      blocks: [{ top: 0, left: 0, height: 8, width: 8 }],
    };
    const one = new Float32Array(64);
    one[3 * 8 + 2] = 1;
    const operators: GridOperators = {
      x: { direction: 'tied', both: operatorOf([[0.5]]) },
      y: { direction: 'tied', both: operatorOf([[0.25]]) },
    };
    const all = extrapolate2d(tf.tensor3d(one, [1, 64, 1]), visibility, operators, { mode: 'blockwise' }).dataSync();
    const reached = Array.from(all.keys()).filter((cell) => all[cell] !== 0);
    expect(reached.map((cell) => [Math.floor(cell / 16), cell % 16])).toEqual([
      [3, 2],
      [3, 10],
      [11, 2],
      [11, 10],
    ]);
    // Jumps of 8 cells: 1 + 8 · 0.5 = 5 along x, 1 + 8 · 0.25 = 3 along y, 15 along both.
    expect(reached.map((cell) => all[cell])).toEqual([1, 5, 3, 15]);
  });

  const center: Block = { top: 1, left: 2, height: 2, width: 3 };
  const grid = { height: 5, width: 9 };
  const cases = modes.flatMap((mode) => routes.map((route) => [mode, route] as const));

  it.each(cases)('agrees with a float64 reference for a shared block: %s, %s', (mode, route) => {
    const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 2, blocks: [center] };
    expectReference(visibility, freeOperators(free), free, mode, route);
    expectReference(visibility, tiedOperators, tied, mode, route);
  });

  it.each(cases)('agrees with it for blocks of their own: %s, %s', (mode, route) => {
    const blocks = [center, { ...center, top: 0, left: 6 }, { ...center, top: 3, left: 0 }];
    const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 3, blocks };
    expectReference(visibility, freeOperators(free), free, mode, route);
    expectReference(visibility, tiedOperators, tied, mode, route);
  });

  it('agrees with it for any block in any grid', () => {
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...cases),
        (gh, gw, h, w, t, l, [mode, route]) => {
          const block = { height: (h % gh) + 1, width: (w % gw) + 1 };
          const place = { ...block, top: t % (gh - block.height + 1), left: l % (gw - block.width + 1) };
          const visibility: BlockVisibility = {
            kind: 'block',
            grid: { height: gh, width: gw },
            batchSize: 1,
            blocks: [place],
          };
          expectReference(visibility, freeOperators(free), free, mode, route);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps what is visible to the bit', () => {
    const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 1, blocks: [center] };
    const features = tf.tensor3d(noise(18, 2), [1, 6, dim]);
    const all = extrapolate2d(features, visibility, tiedOperators, { route: 'mean' });
    const inside = all.reshape<tf.Tensor4D>([1, 5, 9, dim]).slice([0, 1, 2, 0], [1, 2, 3, dim]);
    expect(inside.dataSync()).toEqual(features.dataSync());
  });

  it('is the 1×1 convolution that the paper describes', () => {
    // One column to the right of a 2×1 block: a 1×1 convolution with the kernel (I + A)ᵀ over the block.
    const visibility: BlockVisibility = {
      kind: 'block',
      grid: { height: 2, width: 2 },
      batchSize: 2,
      blocks: [{ top: 0, left: 0, height: 2, width: 1 }],
    };
    const features = tf.tensor3d(noise(12, 2), [2, 2, dim]);
    const all = extrapolate2d(features, visibility, { x: { direction: 'tied', both: operatorOf(free.right) } });
    const kernel = operatorOf(free.right).transition(1).transpose().reshape<tf.Tensor4D>([1, 1, dim, dim]);
    const column = tf.conv2d(features.reshape<tf.Tensor4D>([2, 2, 1, dim]), kernel, 1, 'same');
    const predicted = all.reshape<tf.Tensor4D>([2, 2, 2, dim]).slice([0, 0, 1, 0], [2, 2, 1, dim]);
    expectClose(predicted, column.dataSync(), 1e-6);
  });

  it.each(['a shared block', 'blocks of their own'])('has the gradients of finite differences with %s', (kind) => {
    const small = { height: 3, width: 4 };
    const block = { top: 1, left: 1, height: 1, width: 2 };
    const blocks = kind === 'a shared block' ? [block] : [block, { ...block, top: 2, left: 2 }];
    const visibility: BlockVisibility = { kind: 'block', grid: small, batchSize: 2, blocks };
    const features = tf.tensor3d(noise(12, 3), [2, 2, dim]);
    for (const mode of modes) {
      expectGradients(
        (z, a, b) =>
          extrapolate2d(
            z as tf.Tensor3D,
            visibility,
            {
              x: { direction: 'tied', both: new LinearOperator(a as tf.Tensor2D) },
              y: { direction: 'tied', both: new LinearOperator(b as tf.Tensor2D, 'cayley') },
            },
            { mode, route: 'mean' },
          ),
        [features, tf.tensor2d(free.right), tf.tensor2d(free.down)],
        5e-3,
      );
    }
  });

  it('has shapes inside that never depend on where the blocks of a batch lie', async () => {
    const kernels: string[][] = [];
    for (const lefts of [
      [0, 6],
      [3, 2],
    ]) {
      const blocks = lefts.map((left, i) => ({ top: i + 1, left, height: center.height, width: center.width }));
      const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 2, blocks };
      const fill = (z: tf.Tensor): tf.Tensor => extrapolate2d(z as tf.Tensor3D, visibility, tiedOperators);
      kernels.push(await kernelShapes(() => tf.grad(fill)(tf.zeros([2, 6, dim]))));
    }
    expect(kernels[1]).toEqual(kernels[0]);
  });

  it.each(modes)('costs one product for each masked cell: %s', async (mode) => {
    const block = { top: 2, left: 2, height: 4, width: 4 };
    const visibility: BlockVisibility = { kind: 'block', grid: { height: 8, width: 8 }, batchSize: 2, blocks: [block] };
    const kernels = await kernelShapes(() =>
      extrapolate2d(tf.zeros([2, 16, dim]), visibility, tiedOperators, { mode }),
    );
    const products = kernels.map((kernel) => JSON.parse(kernel) as [string, number[][], number[][]]);
    const rows = products.filter(([name]) => name === 'BatchMatMul').map(([, , [output]]) => output!.at(-2)!);
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(2 * 48);
  });

  it('leaves no tensors behind', () => {
    const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 2, blocks: [center, { ...center, left: 0 }] };
    const features = tf.zeros<tf.Rank.R3>([2, 6, dim]);
    for (const mode of modes) {
      expectNoLeak(() => extrapolate2d(features, visibility, tiedOperators, { mode, route: 'mean' }));
      expectNoLeak(() =>
        tf.grad((z) => extrapolate2d(z as tf.Tensor3D, visibility, tiedOperators, { mode }))(features),
      );
    }
  });

  it('refuses scattered positions, features of another shape and a missing operator', () => {
    expect(() => extrapolate2d(tf.zeros([1, 2, dim]), noiseVisibility(3, 3, 2, 1), tiedOperators)).toThrow(
      new InputError(
        "extrapolate2d: the visible positions must be one contiguous block, got scattered ones; 'harmonic' takes any mask",
      ),
    );
    const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 2, blocks: [center] };
    expect(() => extrapolate2d(tf.zeros([2, 5, dim]), visibility, tiedOperators)).toThrow(
      'extrapolate2d: features must be [batch, numVisible, dim] = [2, 6, dim], got [2, 5, 3]',
    );
    expect(() => extrapolate2d(tf.zeros([2, 6, dim]), visibility, { x: tiedOperators.x! })).toThrow(
      'extrapolate2d: operators.y is missing, to go from 2 to 5 cells',
    );
    expect(() => extrapolate2d(tf.zeros([2, 6, 4]), visibility, tiedOperators)).toThrow(
      'extrapolate2d: operators must be of dim 4 as the features are, got 3',
    );
  });
});

describe('extrapolate1d', () => {
  const span: BlockVisibility = {
    kind: 'block',
    grid: { height: 1, width: 7 },
    batchSize: 2,
    blocks: [{ top: 0, left: 2, height: 1, width: 3 }],
  };

  it('is the row of extrapolate2d', () => {
    const features = tf.tensor3d(noise(18, 2), [2, 3, dim]);
    const x = freeOperators(free).x!;
    expectClose(extrapolate1d(features, span, x), extrapolate2d(features, span, { x }).dataSync(), 0);
  });

  it('refuses a grid of more than one row', () => {
    const visibility: BlockVisibility = { ...span, grid: { height: 2, width: 7 } };
    expect(() => extrapolate1d(tf.zeros([2, 3, dim]), visibility, freeOperators(free).x!)).toThrow(
      'extrapolate1d: the grid must be of height 1, got 2×7',
    );
  });
});
