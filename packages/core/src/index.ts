export { createFill } from './create-fill.ts';
export type { FillContext, FillSpec } from './create-fill.ts';
export { extrapolate1d } from './extrapolate-1d.ts';
export { extrapolate2d, modes, routes } from './extrapolate-2d.ts';
export type { AxisOperators, ExtrapolateOptions, GridOperators, Mode, Route } from './extrapolate-2d.ts';
export { fillNames } from './fill.ts';
export type { Fill, FillName } from './fill.ts';
export { directions } from './fills/linear.ts';
export type { Direction, LinearFillSpec } from './fills/linear.ts';
export { gatherMasked, gatherPositions, gatherVisible, placeVisible } from './gather.ts';
export type { Grid } from './grid.ts';
export { InputError } from './input-error.ts';
export { interpolate } from './interpolate.ts';
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
export { extend, propagate } from './propagate.ts';
export type { Axis, Extent, Side, Steps } from './propagate.ts';
export type { Block, BlockVisibility, ScatteredVisibility, Visibility } from './visibility.ts';
