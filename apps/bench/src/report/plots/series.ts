import { groupBy } from '../../results/group-by.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A place of a curve over the seeds: their mean, and the lowest and the highest of them. */
export interface BandPoint {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** How many seeds have a value here. */
  readonly n: number;
}

/** The mean of several curves and their range, at each x that any of them has. */
export function averageCurves(curves: readonly (readonly Point[])[]): BandPoint[] {
  const finite = curves.flat().filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  return groupBy(finite, ({ x }) => String(x))
    .map((points) => {
      const values = points.map(({ y }) => y);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { x: points[0].x, mean, low: Math.min(...values), high: Math.max(...values), n: values.length };
    })
    .toSorted((a, b) => a.x - b.x);
}

/**
 * A curve of at most `maxPoints` points, each the mean over as many consecutive ones as need be, placed at the last of
 * them, and so its range.
 */
export function thinBand(points: readonly BandPoint[], maxPoints: number): BandPoint[] {
  const perBin = Math.max(1, Math.ceil(points.length / maxPoints));
  if (perBin === 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / perBin) }, (_, index) => {
    const bin = points.slice(index * perBin, (index + 1) * perBin);
    return {
      x: bin.at(-1)?.x ?? 0,
      mean: bin.reduce((sum, { mean }) => sum + mean, 0) / bin.length,
      low: bin.reduce((sum, { low }) => sum + low, 0) / bin.length,
      high: bin.reduce((sum, { high }) => sum + high, 0) / bin.length,
      n: Math.max(...bin.map(({ n }) => n)),
    };
  });
}
