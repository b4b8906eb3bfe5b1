import type * as tf from '@tensorflow/tfjs';
import { extrapolate2d, modes, routes } from '../extrapolate-2d.ts';
import type { AxisOperators, ExtrapolateOptions, GridOperators } from '../extrapolate-2d.ts';
import type { Fill } from '../fill.ts';
import type { Grid } from '../grid.ts';
import { LinearOperator, schemes } from '../operator.ts';
import type { Scheme } from '../operator.ts';
import { checkChoice } from '../shape.ts';

/** `tied`: one operator per axis, −Δ against it; `free`: an operator of its own for each of the two directions. */
export const directions = ['tied', 'free'] as const;
export type Direction = (typeof directions)[number];

/** Linear propagation from the visible block: QB-Heat's own fill. */
export interface LinearFillSpec extends ExtrapolateOptions {
  readonly name: 'linear';
  /** `euler` by default. */
  readonly scheme?: Scheme;
  /** `tied` by default. */
  readonly direction?: Direction;
}

/** Extrapolation by learned operators, all zero at first, so that the first step of training copies the neighbour. */
export function createLinearFill(spec: LinearFillSpec, dim: number, grid: Grid): Fill {
  const { scheme = 'euler', direction = 'tied', mode = 'stepwise', route = 'xy' } = spec;
  checkChoice('fill linear', 'scheme', scheme, schemes);
  checkChoice('fill linear', 'direction', direction, directions);
  checkChoice('fill linear', 'mode', mode, modes);
  checkChoice('fill linear', 'route', route, routes);

  const learned = new Map<string, LinearOperator>();
  const operators: GridOperators = {
    ...(grid.width > 1 && { x: makeOperators('x', 'left', 'right') }),
    ...(grid.height > 1 && { y: makeOperators('y', 'up', 'down') }),
  };
  const parameters = new Map<string, tf.Variable>();
  for (const [path, operator] of learned) parameters.set(path, operator.generator as tf.Variable);

  return {
    name: 'linear',
    parameters,
    apply: (features, visibility) => extrapolate2d(features, visibility, operators, { mode, route }),
    diagnostics: () => Promise.resolve({}),
    dispose: () => parameters.forEach((variable) => variable.dispose()),
  };

  function makeOperators(axis: string, before: string, after: string): AxisOperators {
    if (direction === 'tied') return { direction, both: makeOperator(axis) };
    return { direction, before: makeOperator(before), after: makeOperator(after) };
  }

  function makeOperator(path: string): LinearOperator {
    const operator = LinearOperator.learned(dim, scheme);
    learned.set(path, operator);
    return operator;
  }
}
