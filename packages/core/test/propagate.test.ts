import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { LinearOperator, propagate } from '../src/index.ts';
import type { Method } from '../src/index.ts';
import { chooseMethod } from '../src/propagate.ts';
import {
  addScaled,
  expectClose,
  expectGradients,
  expectNoLeak,
  identity,
  kernelShapes,
  noise,
  noiseMatrix,
  transform,
} from './reference.ts';

const dim = 3;
const a = noiseMatrix(dim, 3, 0.3);
const operator = new LinearOperator(tf.tensor2d(a));
const methods: readonly Method[] = ['stepwise', 'doubling'];

/** `count` cells of one step each from z, nearest first. */
function walkReference(z: number[], delta: number, count: number): number[][] {
  const m = addScaled(identity(dim), a, delta);
  const cells: number[][] = [];
  for (let at = z, i = 0; i < count; i++) {
    at = transform(m, at);
    cells.push(at);
  }
  return cells;
}

describe.each(methods)('propagate %s', (method) => {
  it.each([1, 2, 3, 7, 8, 13])('takes %d steps to the right, one after the other', (count) => {
    const z = noise(dim, 5);
    const cells = tf.tidy(() =>
      propagate(tf.tensor4d(z, [1, 1, 1, dim]), 'x', 'after', operator.step(1), count, method),
    );
    expect(cells.shape).toEqual([1, 1, count, dim]);
    expectClose(cells, walkReference(z, 1, count).flat(), 1e-5);
  });

  it.each([1, 2, 3, 7, 8, 13])('takes %d steps to the left, in raster order', (count) => {
    const z = noise(dim, 5);
    const cells = tf.tidy(() =>
      propagate(tf.tensor4d(z, [1, 1, 1, dim]), 'x', 'before', operator.step(-1), count, method),
    );
    expectClose(cells, walkReference(z, -1, count).toReversed().flat(), 1e-5);
  });

  it('goes down columns of its own for each sample', () => {
    const z = noise(2 * 2 * dim, 5);
    const cells = tf.tidy(() => propagate(tf.tensor4d(z, [2, 1, 2, dim]), 'y', 'after', operator.step(1), 5, method));
    const wanted = [0, 1].map((sample) => {
      const columns = [0, 1].map((x) =>
        walkReference(z.slice((sample * 2 + x) * dim, (sample * 2 + x + 1) * dim), 1, 5),
      );
      return columns[0]!.map((cell, y) => [cell, columns[1]![y]!]);
    });
    expectClose(cells, wanted.flat(3), 1e-5);
  });

  it('jumps as many cells as it is given, the last jump in part', () => {
    // Cells 0, 1, 2 give 3, 4, 5 by one step, 6, 7, 8 by two and 9 by three.
    const z = noise(3 * dim, 5);
    const cells = tf.tidy(() => propagate(tf.tensor4d(z, [1, 1, 3, dim]), 'x', 'after', operator.step(3), 7, method));
    const sources = [0, 1, 2].map((x) => walkReference(z.slice(x * dim, (x + 1) * dim), 3, 3));
    const wanted = [0, 1, 2, 3, 4, 5, 6].map((i) => sources[i % 3]![Math.floor(i / 3)]!);
    expectClose(cells, wanted.flat(), 1e-5);
    // To the left, cell −1 comes from cell 2, and cell −4 from that.
    const before = tf.tidy(() => propagate(tf.tensor4d(z, [1, 1, 3, dim]), 'x', 'before', operator.step(3), 4, method));
    expectClose(before, [sources[2]![1]!, sources[0]![0]!, sources[1]![0]!, sources[2]![0]!].flat(), 1e-5);
  });

  it('has the gradients of finite differences', () => {
    const z = tf.tensor4d(noise(2 * dim, 2), [2, 1, 1, dim]);
    expectGradients(
      (cells, generator) =>
        tf.tidy(() => {
          const step = new LinearOperator(generator as tf.Tensor2D, 'exact').step(0.5);
          return propagate(cells as tf.Tensor4D, 'x', 'after', step, 5, method);
        }),
      [z, operator.generator],
      5e-3,
    );
  });

  it('leaves no tensors behind', () => {
    const z = tf.zeros<tf.Rank.R4>([2, 1, 1, dim]);
    expectNoLeak(() => tf.tidy(() => propagate(z, 'x', 'after', operator.step(1), 5, method)));
  });
});

describe('chooseMethod', () => {
  it('doubles where many steps of few rows would each be a small product', async () => {
    expect(chooseMethod(128, 48, 192)).toBe('doubling');
    // By 1, 2, 4, … cells at a time: 48 cells in 7 products and 5 squarings.
    const far = await kernelShapes(() =>
      tf.tidy(() => propagate(tf.zeros([32, 1, 1, dim]), 'x', 'after', operator.step(1), 48)),
    );
    expect(far.filter((kernel) => kernel.includes('MatMul'))).toHaveLength(12);
  });

  it('walks where rows fill a product by themselves, or squarings would cost more than they save', () => {
    expect(chooseMethod(1_024, 48, 192)).toBe('stepwise');
    expect(chooseMethod(128, 4, 192)).toBe('stepwise');
    expect(chooseMethod(32, 48, 512)).toBe('stepwise');
  });
});

describe('propagate', () => {
  it('walks with a step that is not linear, whatever is asked', () => {
    const normLinear = new LinearOperator(tf.tensor2d(a), 'norm-linear');
    const z = tf.tensor4d(noise(dim, 5), [1, 1, 1, dim]);
    const [asked, walked] = methods.map((method) =>
      tf.tidy(() => propagate(z, 'x', 'after', normLinear.step(1), 6, method)),
    );
    expectClose(asked!, walked!.dataSync(), 0);
  });

  it('refuses no cells at all', () => {
    expect(() => propagate(tf.zeros([1, 1, 1, dim]), 'x', 'after', operator.step(1), 0)).toThrow(
      'propagate: numCells must be an integer of at least 1, got 0',
    );
  });
});
