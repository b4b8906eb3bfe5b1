import type { Grid } from '@qb-heat/core';
import type { Detections } from './boxes.ts';
import { suppressOverlaps } from './non-maximum-suppression.ts';

export interface DecodeOptions {
  /** Detections that are less sure are left out. */
  readonly minScore: number;
  /** Of two detections of a class that overlap more (intersection over union), the surer one is kept. */
  readonly maxOverlap: number;
  /** The most detections of a picture, the surest. */
  readonly limit: number;
}

/** Where the boxes of the grid go to. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Detections from what the head says of one picture: cells that are surer of a class than their eight neighbours.
 *
 * @param logits `[height, width, numClasses]`.
 * @param boxes left, top, right, bottom in cells, `[height, width, 4]`.
 * @param picture its size in pixels, to which the boxes are scaled and cut.
 */
export function decodeGrid(
  logits: Float32Array,
  boxes: Float32Array,
  grid: Grid,
  picture: PictureSize,
  { minScore, maxOverlap, limit }: DecodeOptions,
): Detections {
  const numClasses = logits.length / (grid.height * grid.width);
  const minLogit = Math.log(minScore / (1 - minScore));
  const found: { box: readonly number[]; label: number; score: number }[] = [];
  for (let place = 0; place < logits.length; place++) {
    if (logits[place]! < minLogit || !isPeak(logits, place, grid, numClasses)) continue;
    const cell = Math.floor(place / numClasses);
    const box = cutToPicture(boxes.subarray(4 * cell, 4 * cell + 4), grid, picture);
    if (box !== undefined) found.push({ box, label: place % numClasses, score: 1 / (1 + Math.exp(-logits[place]!)) });
  }
  const detections = {
    boxes: Float32Array.from(found.flatMap(({ box }) => box)),
    labels: Int32Array.from(found, ({ label }) => label),
    scores: Float32Array.from(found, ({ score }) => score),
  };
  return suppressOverlaps(detections, maxOverlap, limit);
}

/** Whether no neighbour is surer of the class; of equal neighbours the first is the peak. */
function isPeak(logits: Float32Array, place: number, grid: Grid, numClasses: number): boolean {
  const cell = Math.floor(place / numClasses);
  const [row, column] = [Math.floor(cell / grid.width), cell % grid.width];
  for (let y = Math.max(0, row - 1); y <= Math.min(grid.height - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(grid.width - 1, column + 1); x++) {
      const neighbour = (y * grid.width + x) * numClasses + (place % numClasses);
      if (logits[neighbour]! > logits[place]! || (logits[neighbour] === logits[place] && neighbour < place))
        return false;
    }
  }
  return true;
}

/** Left, top, width, height in pixels of the part inside the picture; undefined if there is none. */
function cutToPicture(box: Float32Array, grid: Grid, { width, height }: PictureSize): number[] | undefined {
  const [cellWidth, cellHeight] = [width / grid.width, height / grid.height];
  const left = Math.max(0, box[0]! * cellWidth);
  const top = Math.max(0, box[1]! * cellHeight);
  const across = Math.min(width, box[2]! * cellWidth) - left;
  const down = Math.min(height, box[3]! * cellHeight) - top;
  return across > 0 && down > 0 ? [left, top, across, down] : undefined;
}
