import type { Grid } from '@qb-heat/core';

/** Boxes on a grid of features: what the head has to predict for one picture. */
export interface GridObjects {
  /** `[numBoxes, 4]`: left, top, width, height in cells. */
  readonly boxes: Float32Array;
  readonly labels: Int32Array;
  readonly isCrowd: Uint8Array;
}

/** What the head is trained towards, for one picture. */
export interface GridTargets {
  /** 1 at the cell where the middle of a box of the class lies, `[height, width, numClasses]`. */
  readonly centers: Float32Array;
  /** How much a false alarm costs, from 0 near a box of the class (and inside its crowds) to 1, of the same shape. */
  readonly negativeWeights: Float32Array;
  /** Left, top, right, bottom of the box that a cell belongs to, in cells, `[height, width, 4]`. */
  readonly boxes: Float32Array;
  /** How much a cell counts for its box, in sum 1 for each box that isn't covered by others, `[height, width]`. */
  readonly boxWeights: Float32Array;
  /** Boxes that are not crowds. */
  readonly numBoxes: number;
}

/** Deviations of a box's Gaussian as shares of its sides: 0.54 / 6, and cut at 0.54 / 2. */
const SPREAD = 0.54;

/**
 * Targets of TTFNet (arXiv 1909.00700, sections 3.2 and 3.3): around the middle of each box a Gaussian of its proportions,
 * that lowers the cost of false alarms by (1 − G)⁴ and weights the cells that learn the box. Where boxes overlap, cells
 * learn the smallest.
 */
export function makeTargets({ boxes, labels, isCrowd }: GridObjects, grid: Grid, numClasses: number): GridTargets {
  const numCells = grid.height * grid.width;
  const targets = {
    centers: new Float32Array(numCells * numClasses),
    negativeWeights: new Float32Array(numCells * numClasses).fill(1),
    boxes: new Float32Array(numCells * 4),
    boxWeights: new Float32Array(numCells),
  };
  const area = (box: number) => boxes[4 * box + 2]! * boxes[4 * box + 3]!;
  const largestFirst = [...labels.keys()].toSorted((a, b) => area(b) - area(a));
  for (const box of largestFirst) {
    const [left, top, width, height] = boxes.subarray(4 * box, 4 * box + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const label = labels[box]!;
    if (isCrowd[box] === 1) {
      for (const cell of cellsInside(left, top, width, height, grid))
        targets.negativeWeights[cell * numClasses + label] = 0;
      continue;
    }
    const center = { x: clampCell(left + width / 2, grid.width), y: clampCell(top + height / 2, grid.height) };
    const cells = gaussianCells(center, width, height, grid);
    const sum = cells.reduce((total, { value }) => total + value, 0);
    for (const { cell, value } of cells) {
      const place = cell * numClasses + label;
      targets.negativeWeights[place] = Math.min(targets.negativeWeights[place]!, (1 - value) ** 4);
      targets.boxes.set([left, top, left + width, top + height], cell * 4);
      targets.boxWeights[cell] = value / sum;
    }
    targets.centers[(center.y * grid.width + center.x) * numClasses + label] = 1;
  }
  return { ...targets, numBoxes: isCrowd.reduce((count, crowd) => count + (crowd === 0 ? 1 : 0), 0) };
}

/** Cells around the middle of a box with the height of its Gaussian there, 1 at the middle. */
function gaussianCells(center: { x: number; y: number }, width: number, height: number, grid: Grid) {
  const [reachX, reachY] = [Math.floor((width / 2) * SPREAD), Math.floor((height / 2) * SPREAD)];
  const [deviationX, deviationY] = [(SPREAD * width) / 6, (SPREAD * height) / 6];
  const cells: { cell: number; value: number }[] = [];
  for (let y = Math.max(0, center.y - reachY); y <= Math.min(grid.height - 1, center.y + reachY); y++) {
    for (let x = Math.max(0, center.x - reachX); x <= Math.min(grid.width - 1, center.x + reachX); x++) {
      const value = Math.exp(-(((x - center.x) / deviationX) ** 2 + ((y - center.y) / deviationY) ** 2) / 2);
      cells.push({ cell: y * grid.width + x, value });
    }
  }
  return cells;
}

/** Cells whose middle lies in a box. */
function cellsInside(left: number, top: number, width: number, height: number, grid: Grid): number[] {
  const cells: number[] = [];
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      const isInside = x + 0.5 >= left && x + 0.5 <= left + width && y + 0.5 >= top && y + 0.5 <= top + height;
      if (isInside) cells.push(y * grid.width + x);
    }
  }
  return cells;
}

function clampCell(place: number, length: number): number {
  return Math.min(length - 1, Math.max(0, Math.floor(place)));
}
