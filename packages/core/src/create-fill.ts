import { modes, routes } from './extrapolate-2d.ts';
import { fillNames } from './fill.ts';
import type { Fill, FillName } from './fill.ts';
import { directions } from './fills/axis-operators.ts';
import { createLeastSquaresFill, linearSchemes } from './fills/least-squares.ts';
import type { LeastSquaresFillSpec } from './fills/least-squares.ts';
import { createLinearFill } from './fills/linear.ts';
import type { LinearFillSpec } from './fills/linear.ts';
import { createMaskTokenFill } from './fills/mask-token.ts';
import { createMlpFill } from './fills/mlp.ts';
import type { MlpFillSpec } from './fills/mlp.ts';
import { createMeanFill, createWeightedFill, createZeroFill } from './fills/parameterless.ts';
import type { Grid } from './grid.ts';
import { checkConductivity, harmonicWeights, isotropic } from './harmonic.ts';
import type { Conductivity } from './harmonic.ts';
import { InputError } from './input-error.ts';
import { interpolateWeights, requireSequence } from './interpolate.ts';
import { nearestWeights } from './nearest.ts';
import { schemes } from './operator.ts';
import { checkChoice, checkCount } from './shape.ts';

/** The steady state of the heat equation at the masked positions. */
export interface HarmonicFillSpec {
  readonly name: 'harmonic';
  /** Isotropic by default. */
  readonly conductivity?: Conductivity;
}

/** A fill with its options; a bare name stands for the fill with its defaults. */
export type FillSpec =
  | LinearFillSpec
  | MlpFillSpec
  | HarmonicFillSpec
  | LeastSquaresFillSpec
  | { readonly name: 'mask-token' | 'zero' | 'mean' | 'nearest' | 'interpolate' };

/** What a fill has to fit. */
export interface FillContext {
  /** Channels of the features. */
  readonly dim: number;
  /** The grid that it will fill; a sequence is a grid of height 1. */
  readonly grid: Grid;
  /** Seeds the variables that start at random; an integer. */
  readonly seed: number;
}

/** The options of each fill, and the choices of those that are words. */
const optionsOf: Record<FillName, Record<string, readonly string[] | null>> = {
  'mask-token': {},
  zero: {},
  mean: {},
  nearest: {},
  linear: { scheme: schemes, direction: directions, mode: modes, route: routes },
  interpolate: {},
  harmonic: { conductivity: null },
  'least-squares': { scheme: linearSchemes },
  mlp: { direction: directions, mode: modes, route: routes },
};

/**
 * Makes a fill by name, or by name and options: `createFill('harmonic', …)`,
 * `createFill({ name: 'linear', scheme: 'cayley', direction: 'free' }, …)`.
 *
 * Throws an `InputError` on a name, an option or a choice that doesn't exist, and on a fill that doesn't suit the grid.
 * The caller disposes the fill.
 */
export function createFill(fill: FillName | FillSpec, { dim, grid, seed }: FillContext): Fill {
  const spec = typeof fill === 'string' ? ({ name: fill } as FillSpec) : fill;
  checkSpec(spec);
  checkCount('createFill', 'dim', dim, 1);
  checkCount('createFill', 'grid height', grid.height, 1);
  checkCount('createFill', 'grid width', grid.width, 1);
  switch (spec.name) {
    case 'mask-token':
      return createMaskTokenFill(dim, seed);
    case 'zero':
      return createZeroFill();
    case 'mean':
      return createMeanFill();
    case 'nearest':
      return createWeightedFill('nearest', nearestWeights);
    case 'linear':
      return createLinearFill(spec, dim, grid);
    case 'interpolate':
      requireSequence('interpolate', grid);
      return createWeightedFill('interpolate', interpolateWeights);
    case 'harmonic': {
      const { conductivity = isotropic } = spec;
      checkConductivity(conductivity);
      return createWeightedFill('harmonic', (visibility) => harmonicWeights(visibility, conductivity));
    }
    case 'least-squares':
      requireSequence('least-squares', grid);
      return createLeastSquaresFill(spec, dim);
    case 'mlp':
      return createMlpFill(spec, dim, grid, seed);
  }
}

function checkSpec(spec: FillSpec): void {
  checkChoice('createFill', 'fill', spec.name, fillNames);
  const options = optionsOf[spec.name];
  for (const [option, value] of Object.entries(spec)) {
    if (option === 'name') continue;
    const choices = options[option];
    if (choices === undefined) {
      const known = Object.keys(options).join(', ') || 'none';
      throw new InputError(`createFill: fill '${spec.name}' has no option '${option}', its options are: ${known}`);
    }
    if (choices !== null) checkChoice('createFill', `${option} of fill '${spec.name}'`, value as string, choices);
  }
}
