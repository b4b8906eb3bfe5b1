import type { Json } from '../results/content-hash.ts';
import type { Masking, SuiteName } from '../results/schema.ts';
import type { Cell } from './cell.ts';
import type { Method } from './description.ts';

/** A masking with the methods that are compared under it. */
interface MaskedComparison {
  readonly masking: Masking;
  readonly baselines: readonly Method[];
  readonly methods: readonly Method[];
  /** Labels of the encoders that take part. */
  readonly encoders: readonly string[];
}

/** What a cell's settings are made for. */
export interface CellPlace {
  readonly encoder: string | null;
  readonly masking: Masking | null;
  readonly method: Method;
}

export interface SuiteMatrix<S extends Json> {
  readonly suite: SuiteName;
  readonly dataset: string;
  readonly seeds: readonly number[];
  readonly comparisons: readonly MaskedComparison[];
  /** Controls of each encoder: as it was drawn, or trained in another way. */
  readonly encoderControls: readonly string[];
  /** Controls whose features depend on no seed: raw inputs, majority class. */
  readonly seedlessControls: readonly string[];
  /** What determines the result of a cell, besides its place and its seed. */
  settingsOf(place: CellPlace): S;
}

/** The encoder as it was drawn, which every pre-training has to beat. */
export const untrainedControl = 'random-init';

/** Always the commonest class of the training part. */
export const majorityControl = 'majority';

/** The name of a method. */
export function methodName(method: Method): string {
  return typeof method === 'string' ? method : method.name;
}

/** The cells of a suite: for each seed, encoder and masking the baselines and methods, and the controls. */
export function listCells<S extends Json>(matrix: SuiteMatrix<S>): Cell<S>[] {
  const { suite, dataset, seeds, comparisons, encoderControls, seedlessControls } = matrix;
  const makeCell = (place: CellPlace, role: Cell['role'], seed: number): Cell<S> => {
    const { encoder, masking, method } = place;
    const settings = matrix.settingsOf(place);
    return { suite, dataset, encoder, masking, method: methodName(method), role, seed, settings };
  };
  const encoders = [...new Set(comparisons.flatMap((comparison) => comparison.encoders))];
  const cellsOfEncoder = (encoder: string, seed: number): Cell<S>[] => [
    ...comparisons
      .filter((comparison) => comparison.encoders.includes(encoder))
      .flatMap(({ masking, baselines, methods }) =>
        [...baselines, ...methods].map((method, place) =>
          makeCell({ encoder, masking, method }, place < baselines.length ? 'baseline' : 'method', seed),
        ),
      ),
    ...encoderControls.map((method) => makeCell({ encoder, masking: null, method }, 'control', seed)),
  ];
  return [
    ...seedlessControls.map((method) => makeCell({ encoder: null, masking: null, method }, 'control', 0)),
    ...seeds.flatMap((seed) => encoders.flatMap((encoder) => cellsOfEncoder(encoder, seed))),
  ];
}
