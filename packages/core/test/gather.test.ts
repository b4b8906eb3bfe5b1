import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { gatherMasked, gatherPositions, gatherVisible, placeVisible } from '../src/index.ts';
import type { Visibility } from '../src/index.ts';
import { expectClose, expectGradients, expectNoLeak, kernelShapes, noise, noiseVisibility } from './reference.ts';

const shared: Visibility = {
  kind: 'block',
  grid: { height: 2, width: 3 },
  batchSize: 2,
  blocks: [{ top: 0, left: 1, height: 2, width: 2 }],
};
const scattered: Visibility = {
  kind: 'scattered',
  grid: { height: 2, width: 3 },
  batchSize: 2,
  numVisible: 2,
  indices: Int32Array.from([0, 4, 3, 5]),
};
// x[sample][position] = 10 · sample + position
const x = tf.tensor3d([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15], [2, 6, 1]);

describe('gatherVisible and gatherMasked', () => {
  it('take what is in a shared block and what is not', () => {
    expectClose(gatherVisible(x, shared), [1, 2, 4, 5, 11, 12, 14, 15], 0);
    expectClose(gatherMasked(x, shared), [0, 3, 10, 13], 0);
  });

  it('take positions of their own in each sample', () => {
    expectClose(gatherVisible(x, scattered), [0, 4, 13, 15], 0);
    expectClose(gatherMasked(x, scattered), [1, 2, 3, 5, 10, 11, 12, 14], 0);
  });

  it.each([
    ['a block', shared],
    ['scattered positions', scattered],
  ])('have the gradients of finite differences with %s', (_, visibility) => {
    const features = tf.tensor3d(noise(24, 3), [2, 6, 2]);
    expectGradients((z) => gatherVisible(z as tf.Tensor3D, visibility), [features]);
    expectGradients((z) => gatherMasked(z as tf.Tensor3D, visibility), [features]);
  });

  it('refuse features of another batch or grid', () => {
    expect(() => gatherVisible(tf.zeros([2, 5, 1]), scattered)).toThrow(
      'gatherVisible: x must be [batch, positions, dim] = [2, 6, dim], got [2, 5, 1]',
    );
    expect(() => gatherMasked(tf.zeros([3, 6, 1]), scattered)).toThrow(
      'gatherMasked: x must be [batch, positions, dim] = [2, 6, dim], got [3, 6, 1]',
    );
  });

  it('take integers as they are', () => {
    const ids = tf.tensor3d([7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6], [2, 6, 1], 'int32');
    const visible = gatherVisible(ids, scattered);
    expect(visible.dtype).toBe('int32');
    expectClose(visible, [7, 11, 4, 6], 0);
  });
});

describe('gatherPositions', () => {
  it('does not scatter in its backward pass, and its shapes never depend on the indices', async () => {
    const kernels: string[][] = [];
    for (const indices of [
      [0, 4, 3, 5],
      [1, 2, 0, 1],
    ]) {
      const gather = (z: tf.Tensor): tf.Tensor => gatherPositions(z as tf.Tensor3D, Int32Array.from(indices), 2);
      kernels.push(await kernelShapes(() => tf.grad(gather)(x)));
    }
    expect(kernels[0]).toEqual(kernels[1]);
    expect(kernels[0]!.join()).not.toContain('Segment');
  });
});

describe('placeVisible', () => {
  it('puts visible features in place and one filler elsewhere', () => {
    const features = tf.tensor3d([1, 2, 3, 4], [2, 2, 1]);
    expectClose(placeVisible(features, tf.tensor2d([[9]]), scattered), [1, 9, 9, 9, 2, 9, 9, 9, 9, 3, 9, 4], 0);
  });

  it('takes a filler for each sample', () => {
    const features = tf.tensor3d([1, 2, 3, 4], [2, 2, 1]);
    expectClose(placeVisible(features, tf.tensor2d([[8], [9]]), scattered), [1, 8, 8, 8, 2, 8, 9, 9, 9, 3, 9, 4], 0);
  });

  it.each([1, 2])('has the gradients of finite differences with %d fillers', (numFillers) => {
    const features = tf.tensor3d(noise(12, 3), [2, 2, 3]);
    const filler = tf.tensor2d(noise(3 * numFillers, 4), [numFillers, 3]);
    expectGradients((z, f) => placeVisible(z as tf.Tensor3D, f as tf.Tensor2D, scattered), [features, filler]);
  });

  it('leaves no tensors behind', () => {
    const features = tf.zeros<tf.Rank.R3>([2, 2, 3]);
    const filler = tf.zeros<tf.Rank.R2>([1, 3]);
    expectNoLeak(() => placeVisible(features, filler, scattered));
    expectNoLeak(() => tf.grad((z) => placeVisible(z as tf.Tensor3D, filler, scattered))(features));
  });

  it('refuses features that are not the visible ones', () => {
    expect(() => placeVisible(tf.zeros([2, 3, 1]), tf.zeros([1, 1]), noiseVisibility(2, 3, 2, 2))).toThrow(
      'placeVisible: features must be [batch, numVisible, dim] = [2, 2, dim], got [2, 3, 1]',
    );
  });
});
