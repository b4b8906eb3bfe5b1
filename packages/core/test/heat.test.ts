import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { evolveHeat, heatKernel, heatMethods, steadyHeat } from '../src/index.ts';
import type { Conductivity } from '../src/index.ts';
import { expectClose, expectGradients, expectNoLeak, noise, solveDense, zeros } from './reference.ts';

const [height, width] = [4, 5];
const conductivity: Conductivity = { x: 0.8, y: 1.5 };

/** The second differences of one channel with a reflecting border, as a dense matrix. */
function laplacian(flow: Conductivity): number[][] {
  const matrix = Array.from({ length: height * width }, () => zeros(height * width));
  const link = (a: number, b: number, c: number): void => {
    matrix[a]![a]! -= c;
    matrix[b]![b]! -= c;
    matrix[a]![b]! += c;
    matrix[b]![a]! += c;
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const cell = row * width + column;
      if (column + 1 < width) link(cell, cell + 1, flow.x);
      if (row + 1 < height) link(cell, cell + width, flow.y);
    }
  }
  return matrix;
}

/** (I + factor L) u */
function stepBy(l: number[][], u: number[], factor: number): number[] {
  return u.map((value, i) => value + factor * l[i]!.reduce((sum, entry, j) => sum + entry * u[j]!, 0));
}

/** (I + factor L)⁻¹ u */
function solveBy(l: number[][], u: number[], factor: number): number[] {
  return solveDense(
    l.map((row, i) => row.map((entry, j) => (i === j ? 1 : 0) + factor * entry)),
    u,
  );
}

describe('evolveHeat', () => {
  const u = noise(height * width, 4);
  const field = tf.tensor4d(u, [1, height, width, 1]);
  const l = laplacian(conductivity);

  it.each([
    ['explicit', (v: number[], delta: number) => stepBy(l, v, delta)],
    ['implicit', (v: number[], delta: number) => solveBy(l, v, -delta)],
    ['crank-nicolson', (v: number[], delta: number) => solveBy(l, stepBy(l, v, delta / 2), -delta / 2)],
  ] as const)('takes the steps of a dense float64 solver: %s', (method, step) => {
    let wanted = u;
    for (let i = 0; i < 3; i++) wanted = step(wanted, 0.2);
    expectClose(evolveHeat(field, 0.6, { method, numSteps: 3, conductivity }), wanted, 1e-5);
  });

  it('comes to the exact solution as steps get smaller, Crank–Nicolson at second order', () => {
    const exact = evolveHeat(field, 1, { method: 'exact', conductivity });
    const error = (method: 'explicit' | 'crank-nicolson', numSteps: number): number =>
      evolveHeat(field, 1, { method, numSteps, conductivity }).sub(exact).norm().dataSync()[0]!;
    expect(error('explicit', 16) / error('explicit', 32)).toBeGreaterThan(1.8);
    expect(error('crank-nicolson', 8) / error('crank-nicolson', 16)).toBeGreaterThan(3.5);
  });

  it.each(heatMethods)('keeps the heat within the border: %s', (method) => {
    const after = evolveHeat(field, 0.2, { method, conductivity });
    expectClose(after.sum(), field.sum().dataSync(), 1e-5);
  });

  it('ends at the mean', () => {
    const mean = u.reduce((sum, value) => sum + value, 0) / u.length;
    expectClose(
      evolveHeat(field, 500, { method: 'implicit', numSteps: 5 }),
      u.map(() => mean),
      1e-4,
    );
  });

  it('treats samples and channels apart', () => {
    const many = tf.tensor4d(noise(2 * height * width * 3, 1), [2, height, width, 3]);
    const all = evolveHeat(many, 0.5);
    const part = evolveHeat(many.slice([1, 0, 0, 2], [1, height, width, 1]), 0.5);
    expectClose(all.slice([1, 0, 0, 2], [1, height, width, 1]), part.dataSync(), 1e-6);
  });

  it('spreads a unit of heat as the kernel says', () => {
    const size = { height: 41, width: 41 };
    const unit = new Float32Array(41 * 41);
    unit[20 * 41 + 20] = 1;
    const spread = evolveHeat(tf.tensor4d(unit, [1, 41, 41, 1]), 9, { method: 'exact' });
    const kernel = heatKernel(size, 9);
    expectClose(kernel.sum(), [1], 1e-3);
    const error = spread.reshape<tf.Tensor2D>([41, 41]).sub(kernel).abs().max().dataSync()[0]!;
    expect(error / (1 / (36 * Math.PI))).toBeLessThan(0.03);
  });

  it('has the gradients of finite differences', () => {
    expectGradients((v) => evolveHeat(v as tf.Tensor4D, 0.3, { conductivity }), [field]);
  });

  it('leaves no tensors behind', () => {
    expectNoLeak(() => evolveHeat(field, 1));
    expectNoLeak(() =>
      steadyHeat(
        field,
        Uint8Array.from(u, () => 1),
      ),
    );
    expectNoLeak(() => heatKernel({ height: 3, width: 3 }, 1));
  });

  it('refuses steps that would be unstable, and says what to do', () => {
    expect(() => evolveHeat(field, 1, { method: 'explicit', numSteps: 2 })).toThrow(
      "evolveHeat: 'explicit' is stable for steps of at most 0.25, got 0.5: use more steps or 'crank-nicolson'",
    );
    expect(() => heatKernel({ height: 3, width: 3 }, 0)).toThrow('heatKernel: time must be positive, got 0');
  });
});

describe('steadyHeat', () => {
  it('keeps a plane whose border is held: u = 2x − y is harmonic', () => {
    const plane = Array.from({ length: 36 }, (_, cell) => 2 * (cell % 6) - Math.floor(cell / 6));
    const isBorder = plane.map((_, cell) => {
      const [row, column] = [Math.floor(cell / 6), cell % 6];
      return row === 0 || column === 0 || row === 5 || column === 5;
    });
    const known = plane.map((value, cell) => (isBorder[cell] ? value : 99));
    const held = Uint8Array.from(isBorder, (is) => (is ? 1 : 0));
    expectClose(steadyHeat(tf.tensor4d([...known, ...known], [2, 6, 6, 1]), held), [...plane, ...plane], 1e-5);
  });

  it('is where time stepping with held cells ends', () => {
    const held = Uint8Array.from({ length: height * width }, (_, cell) => (cell % 7 === 2 ? 1 : 0));
    const start = noise(height * width, 6);
    const l = laplacian(conductivity);
    let u = start;
    for (let i = 0; i < 4_000; i++)
      u = stepBy(l, u, 0.1).map((value, cell) => (held[cell] === 1 ? start[cell]! : value));
    expectClose(steadyHeat(tf.tensor4d(start, [1, height, width, 1]), held, conductivity), u, 1e-5);
  });

  it('has the gradients of finite differences', () => {
    const held = Uint8Array.from({ length: height * width }, (_, cell) => (cell % 7 === 2 ? 1 : 0));
    const field = tf.tensor4d(noise(2 * height * width, 4), [2, height, width, 1]);
    expectGradients((v) => steadyHeat(v as tf.Tensor4D, held), [field]);
  });

  it('refuses no held cell at all', () => {
    expect(() => steadyHeat(tf.zeros([1, 2, 2, 1]), new Uint8Array(4))).toThrow(
      'steadyHeat: at least one cell must be held, got none',
    );
  });
});
