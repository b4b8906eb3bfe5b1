import * as tf from '@tensorflow/tfjs';
import { extrapolate2d } from '../extrapolate-2d.ts';
import type { ExtrapolateOptions } from '../extrapolate-2d.ts';
import type { Fill } from '../fill.ts';
import type { Grid } from '../grid.ts';
import type { Step, Stepper } from '../operator.ts';
import { createSeededNormal } from '../seeded-normal.ts';
import { makeGridOperators } from './axis-operators.ts';
import type { Direction } from './axis-operators.ts';

/** A non-linear step in the place of the linear one, to ask whether being linear is what helps. */
export interface MlpFillSpec extends ExtrapolateOptions {
  readonly name: 'mlp';
  /** `tied` by default. */
  readonly direction?: Direction;
}

/**
 * One step z + Δ W₂ relu(W₁ z), with half as many hidden channels as features: the `[dim, dim]` parameters and products
 * of a linear step.
 */
class MlpStepper implements Stepper {
  readonly dim: number;
  /** W₁, `[dim / 2, dim]`, drawn from N(0, 2 / dim) (He et al., arXiv 1502.01852). */
  readonly hidden: tf.Variable;
  /** W₂, `[dim, dim / 2]`, zero at first, so that the first step of training copies. */
  readonly output: tf.Variable;

  constructor(dim: number, seed: number) {
    const numHidden = Math.ceil(dim / 2);
    this.dim = dim;
    this.hidden = tf.tidy(() => tf.variable(createSeededNormal([numHidden, dim], Math.sqrt(2 / dim), seed)));
    this.output = tf.tidy(() => tf.variable(tf.zeros([dim, numHidden])));
  }

  step(delta: number): Step {
    const scaled = this.output.mul<tf.Tensor2D>(delta);
    return {
      matrix: null,
      apply: (rows) =>
        tf.tidy(() => {
          const hidden = tf.matMul(rows, this.hidden, false, true).relu<tf.Tensor2D>();
          return rows.add(tf.matMul(hidden, scaled, false, true));
        }),
    };
  }
}

/** Extrapolation by parameter-matched networks; parameters `x.hidden`, `x.output` and so on, named as those of `linear`. */
export function createMlpFill(spec: MlpFillSpec, dim: number, grid: Grid, seed: number): Fill {
  const { direction = 'tied', ...options } = spec;
  let numMade = 0;
  const makeStepper = (): MlpStepper => new MlpStepper(dim, seed + 7_919 * numMade++);
  const { operators, steppers } = makeGridOperators(grid, direction, makeStepper);
  const parameters = new Map<string, tf.Variable>();
  for (const [name, { hidden, output }] of steppers) {
    parameters.set(`${name}.hidden`, hidden);
    parameters.set(`${name}.output`, output);
  }
  return {
    name: 'mlp',
    parameters,
    apply: (features, visibility) => extrapolate2d(features, visibility, operators, options),
    diagnostics: () => Promise.resolve({}),
    dispose: () => parameters.forEach((variable) => variable.dispose()),
  };
}
