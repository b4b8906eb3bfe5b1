import type * as tf from '@tensorflow/tfjs';
import { extrapolate2d } from '../extrapolate-2d.ts';
import type { ExtrapolateOptions } from '../extrapolate-2d.ts';
import type { Fill } from '../fill.ts';
import type { Grid } from '../grid.ts';
import { LinearOperator } from '../operator.ts';
import type { Scheme } from '../operator.ts';
import { makeGridOperators } from './axis-operators.ts';
import type { Direction } from './axis-operators.ts';
import { describeOperators } from './operator-diagnostics.ts';

/** Linear propagation from the visible block: QB-Heat's own fill. */
export interface LinearFillSpec extends ExtrapolateOptions {
  readonly name: 'linear';
  /** `euler` by default. */
  readonly scheme?: Scheme;
  /** `tied` by default. */
  readonly direction?: Direction;
}

/**
 * Extrapolation by learned operators, all zero at first, so that the first step of training copies the neighbour. Its
 * parameters are the generators: `x` and `y` where directions are tied, `left`, `right`, `up` and `down` where free.
 */
export function createLinearFill(spec: LinearFillSpec, dim: number, grid: Grid): Fill {
  const { scheme = 'euler', direction = 'tied', ...options } = spec;
  const { operators, steppers } = makeGridOperators(grid, direction, () => LinearOperator.learned(dim, scheme));
  const parameters = new Map<string, tf.Variable>();
  for (const [name, operator] of steppers) parameters.set(name, operator.generator as tf.Variable);
  return {
    name: 'linear',
    parameters,
    apply: (features, visibility) => extrapolate2d(features, visibility, operators, options),
    diagnostics: (featureMap) => describeOperators(steppers, featureMap),
    dispose: () => parameters.forEach((generator) => generator.dispose()),
  };
}
