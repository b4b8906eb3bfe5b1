/** Boxes that a detector found on a picture. */
export interface Detections {
  /** `[numBoxes, 4]`: left, top, width, height in pixels. */
  readonly boxes: Float32Array;
  /** `[numBoxes]`, from 0. */
  readonly labels: Int32Array;
  /** How sure the detector is, `[numBoxes]`; only their order counts. */
  readonly scores: Float32Array;
}

/** Area that box `i` of `a` and box `j` of `b` share, in pixels; both `[numBoxes, 4]`: left, top, width, height. */
export function intersectionArea(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const [left, top, width, height] = [a[4 * i]!, a[4 * i + 1]!, a[4 * i + 2]!, a[4 * i + 3]!];
  const [otherLeft, otherTop, otherWidth, otherHeight] = [b[4 * j]!, b[4 * j + 1]!, b[4 * j + 2]!, b[4 * j + 3]!];
  const across = Math.min(left + width, otherLeft + otherWidth) - Math.max(left, otherLeft);
  const down = Math.min(top + height, otherTop + otherHeight) - Math.max(top, otherTop);
  return across > 0 && down > 0 ? across * down : 0;
}

/** Area of box `i` in pixels. */
export function boxArea(boxes: Float32Array, i: number): number {
  return boxes[4 * i + 2]! * boxes[4 * i + 3]!;
}

/** Intersection over union of box `i` of `a` and box `j` of `b`, from 0 to 1. */
export function intersectionOverUnion(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const shared = intersectionArea(a, i, b, j);
  return shared === 0 ? 0 : shared / (boxArea(a, i) + boxArea(b, j) - shared);
}

/** The numbers of the items, the highest score first; equal scores keep their order. */
export function orderByScore(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length }, (_, i) => i).toSorted((a, b) => scores[b]! - scores[a]!);
}
