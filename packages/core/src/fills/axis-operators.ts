import type { AxisOperators, GridOperators } from '../extrapolate-2d.ts';
import type { Grid } from '../grid.ts';
import type { Stepper } from '../operator.ts';

/** `tied`: one operator per axis, −Δ against it; `free`: an operator of its own for each of the two directions. */
export const directions = ['tied', 'free'] as const;
export type Direction = (typeof directions)[number];

/** The steppers of a grid by the names that their parameters go by: x, y, or left, right, up, down. */
export interface NamedOperators<S extends Stepper> {
  readonly operators: GridOperators;
  readonly steppers: ReadonlyMap<string, S>;
}

/** Makes the steppers that a grid needs: none along an axis with one cell. */
export function makeGridOperators<S extends Stepper>(
  grid: Grid,
  direction: Direction,
  makeStepper: (name: string) => S,
): NamedOperators<S> {
  const steppers = new Map<string, S>();
  const make = (name: string): S => {
    const stepper = makeStepper(name);
    steppers.set(name, stepper);
    return stepper;
  };
  const makeAxis = (axis: string, before: string, after: string): AxisOperators =>
    direction === 'tied' ? { direction, both: make(axis) } : { direction, before: make(before), after: make(after) };
  const operators = {
    ...(grid.width > 1 && { x: makeAxis('x', 'left', 'right') }),
    ...(grid.height > 1 && { y: makeAxis('y', 'up', 'down') }),
  };
  return { operators, steppers };
}
