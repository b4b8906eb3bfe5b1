/** A grid of feature positions, in cells. A sequence is a grid of height 1. */
export interface Grid {
  readonly height: number;
  readonly width: number;
}
