import { InputError, steadyHeat } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';

/** A map with the steady state of the heat equation beside it. */
export interface SteadyState {
  /** `[height · width]`, row-major: harmonic wherever it isn't held. */
  readonly values: Float32Array;
  /** 1 where the values are the map's own, `[height · width]`: on the border and at the hottest cells. */
  readonly held: Uint8Array;
  /** Pearson's correlation of the map and its steady state over the cells that are not held; NaN if either is even there. */
  readonly correlation: number;
}

/**
 * The steady heat u_xx + u_yy = 0 between a source, the hottest cells of a map, and its border, both held at the map's own
 * values: what the map would be if heat had flowed from its peak to its border for ever. The likeness of the two is what
 * the first figure of QB-Heat's expositions shows.
 *
 * @param map `[height · width]`, row-major, of at least 3×3 cells.
 * @param sourceShare share of all cells that are held as the source, at least one. Default 0.05.
 */
export async function steadyState(
  map: Float32Array,
  { height, width }: { height: number; width: number },
  sourceShare = 0.05,
): Promise<SteadyState> {
  if (!(height >= 3 && width >= 3 && map.length === height * width)) {
    throw new InputError(`steadyState: expected a map of at least 3×3 cells, got ${map.length} for ${height}×${width}`);
  }
  const isBorder = (cell: number) => {
    const [row, column] = [Math.floor(cell / width), cell % width];
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  };
  const held = Uint8Array.from(map, (_, cell) => Number(isBorder(cell)));
  const inside = [...map.keys()].filter((cell) => held[cell] === 0).toSorted((a, b) => map[b]! - map[a]!);
  for (const cell of inside.slice(0, Math.max(1, Math.round(sourceShare * map.length)))) held[cell] = 1;
  const steady = tf.tidy(() => steadyHeat(tf.tensor4d(map, [1, height, width, 1]), held));
  const values = await steady.data<'float32'>();
  steady.dispose();
  const free = [...map.keys()].filter((cell) => held[cell] === 0);
  return {
    values,
    held,
    correlation: correlate(
      free.map((cell) => map[cell]!),
      free.map((cell) => values[cell]!),
    ),
  };
}

function correlate(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  const deviation = (values: readonly number[], middle: number) =>
    Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  return covariance / (deviation(a, meanA) * deviation(b, meanB));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
