export { fillNames } from './fill.ts';
export type { Fill, FillName } from './fill.ts';
export type { Grid } from './grid.ts';
export { InputError } from './input-error.ts';
export type { Parameters } from './parameters.ts';
export type { Block, BlockVisibility, ScatteredVisibility, Visibility } from './visibility.ts';
