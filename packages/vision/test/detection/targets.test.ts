import { expect, test } from 'vitest';
import { placeOnGrid } from '../../src/detection/detection-batches.ts';
import { makeTargets } from '../../src/detection/targets.ts';

const grid = { height: 4, width: 6 };

function objects(boxes: number[][], labels: number[], crowds: number[] = labels.map(() => 0)) {
  return { boxes: Float32Array.from(boxes.flat()), labels: Int32Array.from(labels), isCrowd: Uint8Array.from(crowds) };
}

test('the cell where the middle of a box lies is its center, of its class alone', () => {
  // Middle at x 2.5, y 1.25: cell 1 · 6 + 2 = 8.
  const { centers, numBoxes } = makeTargets(objects([[1, 0.5, 3, 1.5]], [1]), grid, 2);
  expect([...centers.keys()].filter((place) => centers[place] !== 0)).toEqual([8 * 2 + 1]);
  expect(numBoxes).toBe(1);
});

test('around the center a Gaussian of the proportions of the box lowers what false alarms cost', () => {
  // 4 wide: reach floor(2 · 0.54) = 1, deviation 0.36. 2 high: reach 0.
  const { negativeWeights, boxWeights, boxes } = makeTargets(objects([[0.5, 0.5, 4, 2]], [0]), grid, 1);
  const beside = Math.exp(-1 / (2 * 0.36 ** 2));
  const row = [1, (1 - beside) ** 4, 0, (1 - beside) ** 4, 1, 1];
  row.forEach((value, x) => expect(negativeWeights[6 + x]).toBeCloseTo(value, 6));
  expect([...negativeWeights].filter((value) => value === 1)).toHaveLength(21);
  // The same Gaussian, in sum 1, weights the cells that learn the box.
  expect(boxWeights[8]).toBeCloseTo(1 / (1 + 2 * beside), 6);
  expect(boxWeights[7]).toBeCloseTo(beside / (1 + 2 * beside), 6);
  expect(boxWeights.reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
  expect([...boxes.subarray(7 * 4, 8 * 4)]).toEqual([0.5, 0.5, 4.5, 2.5]);
});

test('where boxes overlap, cells learn the smallest, whatever their order', () => {
  const pair = [
    [0, 0, 6, 4],
    [2.5, 1.5, 1, 1],
  ];
  for (const ordered of [pair, pair.toReversed()]) {
    const { boxes } = makeTargets(objects(ordered, [0, 0]), grid, 1);
    expect([...boxes.subarray((2 * 6 + 3) * 4, (2 * 6 + 3) * 4 + 4)]).toEqual([2.5, 1.5, 3.5, 2.5]);
  }
});

test('inside a crowd false alarms of its class cost nothing, and there is nothing to learn', () => {
  const targets = makeTargets(objects([[1, 1, 2, 2]], [1], [1]), grid, 2);
  const free = [...targets.negativeWeights.keys()].filter((place) => targets.negativeWeights[place] === 0);
  expect(free).toEqual([7, 8, 13, 14].map((cell) => cell * 2 + 1));
  expect(targets.centers.some((value) => value !== 0)).toBe(false);
  expect(targets.boxWeights.some((value) => value !== 0)).toBe(false);
  expect(targets.numBoxes).toBe(0);
});

test('a box at the border keeps its center inside the grid', () => {
  const { centers } = makeTargets(objects([[5.9, 3.9, 0.2, 0.2]], [0]), grid, 1);
  expect(centers[23]).toBe(1);
});

test('boxes are scaled from pixels to cells, and mirrored', () => {
  const picture = {
    file: '',
    width: 60,
    height: 20,
    isDifficult: new Uint8Array(1),
    ...objects([[10, 5, 20, 10]], [0]),
  };
  expect([...placeOnGrid(picture, grid, false).boxes]).toEqual([1, 1, 2, 2]);
  expect([...placeOnGrid(picture, grid, true).boxes]).toEqual([3, 1, 2, 2]);
});
