import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { detectionBatches } from '../../src/detection/detection-batches.ts';
import type { FeatureMaps } from '../../src/detection/feature-maps.ts';

const grid = { height: 2, width: 4 };

/** Five pictures of 8×4 pixels; number i has i boxes in the cell in the top left corner. */
const pictures = Array.from({ length: 5 }, (_, i) => ({
  file: `${i}.png`,
  width: 8,
  height: 4,
  boxes: Float32Array.from(Array.from({ length: i }, () => [0, 0, 2, 2]).flat()),
  labels: new Int32Array(i),
  isCrowd: new Uint8Array(i),
  isDifficult: new Uint8Array(i),
}));

/** Maps of one channel that hold the picture's number; from 5 on those of the mirrored ones. */
const maps: FeatureMaps = {
  take: (items) =>
    tf.tensor4d(Array.from(items, (item) => Array<number>(8).fill(item)).flat(), [items.length, 2, 4, 1]),
};

function open(seed: number, isMirrored = true) {
  return detectionBatches(pictures, maps, { grid, numClasses: 1, batchSize: 2, isMirrored, seed });
}

async function itemsOf(source: ReturnType<typeof open>, index: number): Promise<number[]> {
  const batch = await source(index);
  const items = await batch.features.slice([0, 0, 0, 0], [-1, 1, 1, 1]).data();
  batch.dispose();
  return [...items];
}

test('an epoch takes each picture once at most, in an order and a mirroring that the seed and the number determine', async () => {
  const source = open(1);
  const batches = await Promise.all([...Array(40).keys()].map((index) => itemsOf(source, index)));
  for (let epoch = 0; epoch < 20; epoch++) {
    const seen = [...batches[2 * epoch]!, ...batches[2 * epoch + 1]!].map((item) => item % 5);
    expect(new Set(seen).size).toBe(4);
  }
  expect(await itemsOf(open(1), 7)).toEqual(batches[7]);
  expect(await Promise.all([...Array(8).keys()].map((index) => itemsOf(open(2), index)))).not.toEqual(
    batches.slice(0, 8),
  );
  const numMirrored = batches.flat().filter((item) => item >= 5).length;
  expect(numMirrored).toBeGreaterThan(20);
  expect(numMirrored).toBeLessThan(60);
  const plain = await Promise.all([...Array(40).keys()].map((index) => itemsOf(open(1, false), index)));
  expect(Math.max(...plain.flat())).toBeLessThan(5);
});

test('the boxes are mirrored with their picture', async () => {
  const source = open(3);
  let numSeen = 0;
  for (let index = 0; index < 10; index++) {
    const items = await itemsOf(source, index);
    const { centers } = await source(index);
    const cells = (await centers.array()).map((rows) => rows.flat(2));
    items.forEach((item, i) => {
      if (item % 5 === 0) return;
      numSeen++;
      // Top left corner, or top right if mirrored.
      expect(cells[i]!.findIndex((value) => value > 0)).toBe(item < 5 ? 0 : 3);
    });
  }
  expect(numSeen).toBeGreaterThan(10);
});

test('each box has an equal share in the loss, and a batch without any counts as one', async () => {
  const source = open(4, false);
  for (let index = 0; index < 6; index++) {
    const items = await itemsOf(source, index);
    const numBoxes = Math.max(
      1,
      items.reduce((sum, item) => sum + item, 0),
    );
    const { centers, negativeWeights } = await source(index);
    const [center, farthest] = [(await centers.max().data())[0]!, (await negativeWeights.max().data())[0]!];
    expect(farthest).toBeCloseTo(1 / numBoxes, 6);
    if (items.some((item) => item > 0)) expect(center).toBeCloseTo(1 / numBoxes, 6);
  }
});

test('a batch frees its tensors', async () => {
  const before = tf.memory().numTensors;
  (await open(1)(0)).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
