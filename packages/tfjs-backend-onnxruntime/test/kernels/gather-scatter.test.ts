import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { configureOnnxruntime } from '../../src/index.ts';
import { expectSameOnBothBackends, noise } from './on-both-backends.ts';

beforeAll(() => {
  tf.env().set('IS_TEST', true);
  configureOnnxruntime({ threads: 2 });
});

const NUM_ROWS = 20_000;

/** Rows of whole numbers, whose sums are exact in any order. */
function wholeNumbers(rowLength: number): Float32Array {
  return Float32Array.from({ length: NUM_ROWS * rowLength }, (_, i) => (i * 7) % 16);
}

describe('unsortedSegmentSum', () => {
  // Few segments are summed by a product, many by scattering.
  it.each([3, 700])('loses nothing when thousands of rows go to each of %i segments', async (numSegments) => {
    await tf.setBackend('onnxruntime');
    const rowLength = 4;
    const rows = wholeNumbers(rowLength);
    const ids = Int32Array.from({ length: NUM_ROWS }, (_, i) => (i * i) % numSegments);
    const expected = new Float64Array(numSegments * rowLength);
    rows.forEach((value, i) => {
      expected[ids[Math.floor(i / rowLength)]! * rowLength + (i % rowLength)]! += value;
    });
    for (let repeat = 0; repeat < 5; repeat++) {
      const sums = tf.tidy(() =>
        tf.unsortedSegmentSum(tf.tensor2d(rows, [NUM_ROWS, rowLength]), tf.tensor1d(ids, 'int32'), numSegments),
      );
      expect([...sums.dataSync()]).toEqual([...expected]);
      sums.dispose();
    }
  });

  it.each([4, 600])('drops rows of ids outside of %i segments', async (numSegments) => {
    await tf.setBackend('onnxruntime');
    const sums = tf.tidy(() =>
      tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8]), tf.tensor1d([-1, 1, numSegments, 1], 'int32'), numSegments),
    );
    const values = [...sums.dataSync()];
    expect(values[1]).toBe(10);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(10);
    sums.dispose();
  });
});

describe('where', () => {
  it('chooses between truth values as between numbers', async () => {
    await expectSameOnBothBackends(() => {
      const [a, b] = [noise([3, 4], 1), noise([3, 4], 2)];
      const isPositive = a.greater(0);
      return [tf.where(isPositive, a.less(b), b.less(0)), tf.where(isPositive, a.less(b).toInt(), b.less(0).toInt())];
    });
  });
});

describe('scattering and gathering', () => {
  it('adds what goes to the same place, along several axes', async () => {
    await expectSameOnBothBackends(() => {
      const indices = tf.tensor2d([[0, 1], [2, 0], [0, 1], [1, 1]], [4, 2], 'int32'); // prettier-ignore
      return [tf.scatterND(indices, noise([4, 3], 1), [3, 2, 3]), tf.scatterND(indices, noise([4], 2), [3, 2])];
    });
  });

  it('lets the last of several updates of one place stand', async () => {
    await tf.setBackend('onnxruntime');
    const numUpdates = 5000;
    const updated = tf.tidy(() =>
      tf.tensorScatterUpdate(tf.zeros([3]), tf.ones([numUpdates, 1], 'int32'), tf.range(0, numUpdates).add(1)),
    );
    expect([...updated.dataSync()]).toEqual([0, numUpdates, 0]);
    updated.dispose();
  });

  it('gathers within batches', async () => {
    await expectSameOnBothBackends(() => {
      const indices = tf.tensor2d([[1, 0, 2], [2, 2, 0]], [2, 3], 'int32'); // prettier-ignore
      return [tf.gather(noise([2, 3, 4], 1), indices, 1, 1), tf.gather(noise([2, 4, 3], 2), indices, 2, 1)];
    });
  });

  it('says at once that a known index is out of range', async () => {
    await tf.setBackend('onnxruntime');
    const table = tf.zeros([3, 2]);
    expect(() => tf.gather(table, tf.tensor1d([0, 3], 'int32'))).toThrow('the index value 3 is not in [0, 2]');
    table.dispose();
  });

  it('lights nothing in a one-hot row whose index is out of range', async () => {
    await expectSameOnBothBackends(() => [
      tf.oneHot(tf.tensor1d([-1, 0, 3, 7], 'int32'), 4),
      tf.oneHot(tf.tensor1d([-1, 2], 'int32'), 3, 5, -2),
    ]);
  });
});
