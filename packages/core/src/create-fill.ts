import { fillNames } from './fill.ts';
import type { Fill, FillName } from './fill.ts';
import { createLinearFill } from './fills/linear.ts';
import type { LinearFillSpec } from './fills/linear.ts';
import { createMaskTokenFill } from './fills/mask-token.ts';
import { createMeanFill, createWeightedFill, createZeroFill } from './fills/parameterless.ts';
import type { Grid } from './grid.ts';
import { InputError } from './input-error.ts';
import { interpolateWeights } from './interpolate.ts';
import { nearestWeights } from './nearest.ts';
import { checkChoice, checkCount } from './shape.ts';

/** A fill with its options; a bare name stands for the fill with its defaults. */
export type FillSpec = LinearFillSpec | { readonly name: 'mask-token' | 'zero' | 'mean' | 'nearest' | 'interpolate' };

/** What a fill has to fit. */
export interface FillContext {
  /** Channels of the features. */
  readonly dim: number;
  /** The grid that it will fill; a sequence is a grid of height 1. */
  readonly grid: Grid;
  /** Seeds the variables that start at random; an integer. */
  readonly seed: number;
}

const optionsOf: Record<FillName, readonly string[]> = {
  'mask-token': [],
  zero: [],
  mean: [],
  nearest: [],
  linear: ['scheme', 'direction', 'mode', 'route'],
  interpolate: [],
  harmonic: [],
  'least-squares': [],
  mlp: [],
};

/**
 * Makes a fill by name, or by name and options: `createFill('harmonic', …)`,
 * `createFill({ name: 'linear', scheme: 'cayley', direction: 'free' }, …)`.
 *
 * Throws an `InputError` on a name or an option that doesn't exist, and on a fill that the grid doesn't suit. The caller
 * disposes the fill.
 */
export function createFill(fill: FillName | FillSpec, { dim, grid, seed }: FillContext): Fill {
  const spec = typeof fill === 'string' ? ({ name: fill } as FillSpec) : fill;
  checkChoice('createFill', 'fill', spec.name, fillNames);
  for (const option of Object.keys(spec)) {
    if (option === 'name' || optionsOf[spec.name].includes(option)) continue;
    const known = optionsOf[spec.name].join(', ') || 'none';
    throw new InputError(`createFill: fill '${spec.name}' has no option '${option}', its options are: ${known}`);
  }
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
      return createWeightedFill('interpolate', interpolateWeights);
  }
}
