import { InputError } from '@qb-heat/core';
import type { Json } from '../results/content-hash.ts';
import { untrainedControl } from '../results/method-names.ts';
import { maskings, type Masking, type SuiteName } from '../results/schema.ts';
import type { Cell, CellPlace } from './cell.ts';
import type { EncoderDescription, Method } from './description.ts';
import { shareSettings, type ComparedExperiment, type SharedSettings } from './share-settings.ts';
import { encoderSuits } from './suits.ts';

export { untrainedControl } from '../results/method-names.ts';

/** What a suite compares, from which its cells follow. */
export interface SuiteMatrix<S extends Json, M extends Json> {
  readonly suite: SuiteName;
  readonly dataset: string;
  readonly seeds: readonly number[];
  readonly experiment: ComparedExperiment<M>;
  /** Controls whose features depend on no seed: raw inputs, majority class. */
  readonly seedlessControls: readonly string[];
  /** All that determines the result of a cell besides its place, its seed and the data. */
  settingsOf(shared: SharedSettings<M>): S;
}

/** Always the commonest class of the training part. */
export const majorityControl = 'majority';

/** The name of a method. */
export function methodName(method: Method): string {
  return typeof method === 'string' ? method : method.name;
}

/**
 * The cells of a suite: for each seed and encoder the baselines and methods of each masking that it takes part in, and
 * itself as it was drawn; the controls without an encoder once.
 */
export function listCells<S extends Json, M extends Json>(matrix: SuiteMatrix<S, M>): Cell<S>[] {
  const { seeds, experiment, seedlessControls } = matrix;
  const comparisons = maskings.flatMap((masking) => {
    const comparison = experiment.comparisons[masking];
    if (comparison === undefined) return [];
    return [{ masking, ...comparison, encoders: comparison.encoders ?? fittingEncoders(masking, experiment.encoders) }];
  });
  const encoders = [...new Set(comparisons.flatMap((comparison) => comparison.encoders))];
  const cellsOfEncoder = (encoder: string, seed: number): Cell<S>[] => [
    ...comparisons
      .filter((comparison) => comparison.encoders.includes(encoder))
      .flatMap(({ masking, baselines, methods }) =>
        [...baselines, ...methods].map((method, place) =>
          makeCell(matrix, { encoder, masking, method }, place < baselines.length ? 'baseline' : 'method', seed),
        ),
      ),
    makeCell(matrix, { encoder, masking: null, method: untrainedControl }, 'control', seed),
  ];
  return [
    ...seedlessControls.map((method) => makeCell(matrix, { encoder: null, masking: null, method }, 'control', 0)),
    ...seeds.flatMap((seed) => encoders.flatMap((encoder) => cellsOfEncoder(encoder, seed))),
  ];
}

/**
 * The cell of a method of a suite, listed or not.
 *
 * @throws InputError if the suite has no such encoder.
 */
export function cellAt<S extends Json, M extends Json>(
  matrix: SuiteMatrix<S, M>,
  place: CellPlace & { readonly encoder: string },
  seed: number,
): Cell<S> {
  if (matrix.experiment.encoders[place.encoder] === undefined) {
    throw new InputError(`${matrix.suite}: no encoder is labelled '${place.encoder}'`);
  }
  return makeCell(matrix, place, 'method', seed);
}

function makeCell<S extends Json, M extends Json>(
  matrix: SuiteMatrix<S, M>,
  place: CellPlace,
  role: Cell['role'],
  seed: number,
): Cell<S> {
  const { suite, dataset, experiment } = matrix;
  const { encoder, masking, method } = place;
  const settings = matrix.settingsOf(shareSettings(experiment, place));
  return { suite, dataset, encoder, masking, method: methodName(method), role, seed, settings };
}

function fittingEncoders(masking: Masking, encoders: Readonly<Record<string, EncoderDescription>>): string[] {
  return Object.keys(encoders).filter((label) => encoderSuits(masking, encoders[label]!));
}
