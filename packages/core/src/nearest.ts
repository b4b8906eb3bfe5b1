import type { Grid } from './grid.ts';
import { buildWeights } from './weighted-fill.ts';
import type { FillWeights } from './weighted-fill.ts';
import type { Visibility } from './visibility.ts';

/**
 * Weights that copy to each masked position its nearest visible feature by Euclidean distance; of several equally near
 * ones their mean, so that no direction is preferred.
 */
export function nearestWeights(visibility: Visibility): FillWeights {
  const { grid } = visibility;
  return buildWeights(visibility, (visible, rows) => {
    const squared = new Int32Array(visible.length);
    for (let position = 0; position < grid.height * grid.width; position++) {
      let nearest = Infinity;
      for (let v = 0; v < visible.length; v++) {
        squared[v] = squaredDistance(position, visible[v]!, grid);
        nearest = Math.min(nearest, squared[v]!);
      }
      const numNearest = squared.reduce((count, distance) => count + (distance === nearest ? 1 : 0), 0);
      for (let v = 0; v < visible.length; v++) {
        if (squared[v] === nearest) rows[position * visible.length + v] = 1 / numNearest;
      }
    }
  });
}

function squaredDistance(a: number, b: number, { width }: Grid): number {
  const rows = Math.floor(a / width) - Math.floor(b / width);
  const columns = (a % width) - (b % width);
  return rows * rows + columns * columns;
}
