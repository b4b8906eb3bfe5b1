export { createFill } from './create-fill.ts';
export type { FillContext, FillSpec, HarmonicFillSpec } from './create-fill.ts';
export {
  anisotropy,
  commutator,
  effectiveRank,
  eigenvalues,
  laplaceResidual,
  operatorResidual,
  spectralRadius,
} from './diagnostics.ts';
export { extrapolate1d } from './extrapolate-1d.ts';
export { extrapolate2d, modes, routes } from './extrapolate-2d.ts';
export type { AxisOperators, ExtrapolateOptions, GridOperators, Mode, Route } from './extrapolate-2d.ts';
export { fillNames } from './fill.ts';
export type { Fill, FillName } from './fill.ts';
export { directions } from './fills/axis-operators.ts';
export type { Direction } from './fills/axis-operators.ts';
export { linearSchemes } from './fills/least-squares.ts';
export type { LeastSquaresFillSpec } from './fills/least-squares.ts';
export type { LinearFillSpec } from './fills/linear.ts';
export type { MlpFillSpec } from './fills/mlp.ts';
export { gatherMasked, gatherPositions, gatherVisible, placeVisible } from './gather.ts';
export type { Grid } from './grid.ts';
export { harmonic, harmonicWeights, isotropic } from './harmonic.ts';
export type { Conductivity } from './harmonic.ts';
export { evolveHeat, heatKernel, heatMethods, steadyHeat } from './heat.ts';
export type { HeatMethod, HeatOptions } from './heat.ts';
export { InputError } from './input-error.ts';
export { interpolate } from './interpolate.ts';
export { leastSquares, leastSquaresWeights } from './least-squares.ts';
export type { LeastSquaresWeights } from './least-squares.ts';
export { matrixExponential, matrixInverse } from './matrix-functions.ts';
export { LinearOperator, schemes } from './operator.ts';
export type { Scheme, Step, Stepper } from './operator.ts';
export type { Parameters } from './parameters.ts';
export {
  checkVisibility,
  countMasked,
  countPositions,
  countVisible,
  distanceToVisible,
  maskedIndices,
  visibilityMask,
  visibleIndices,
} from './positions.ts';
export type { Metric } from './positions.ts';
export { measurePredictability } from './predictability.ts';
export type { Predictability, PredictabilityOptions } from './predictability.ts';
export { propagate } from './propagate.ts';
export type { Axis, Method, Side } from './propagate.ts';
export type { Block, BlockVisibility, ScatteredVisibility, Visibility } from './visibility.ts';
export type { FillWeights } from './weighted-fill.ts';
