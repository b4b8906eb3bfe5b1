import type { DataDescription, SuiteName } from '../results/schema.ts';
import type { Cell, CellOutcome, CellProgress } from './cell.ts';
import type { FinishedRuns } from './estimates/finished-runs.ts';

/** What an estimate goes by. */
export interface EstimateContext {
  readonly finished: FinishedRuns;
  readonly signal: AbortSignal;
  /** Called before anything is run only to be timed. */
  readonly onTiming: () => void;
}

/** A modality's part of the comparison on one data set: its data, read, and its cells, ready to run. */
export interface Suite {
  readonly name: SuiteName;
  /** What `itemsPerSecond` counts. */
  readonly unit: string;
  /** Everything that it reads. */
  readonly data: readonly DataDescription[];
  readonly cells: readonly Cell[];

  /**
   * How long each of the given cells will take, in milliseconds: from finished ones of their kind, else from a few training
   * steps and probes of a few samples, timed here on the backend that is set.
   *
   * @param cells all that this process is going to run.
   * @throws the signal's reason when it is aborted.
   */
  estimateMs(cells: readonly Cell[], context: EstimateContext): Promise<ReadonlyMap<Cell, number>>;

  /**
   * Whether a run of a cell pre-trains an encoder of its own, which can be exported.
   *
   * @throws InputError where it does and can't be.
   */
  isExportable(cell: Cell): boolean;

  /**
   * Runs a cell and returns what it measured.
   *
   * @param exportTo a folder to write the encoder to, as transformers.js loads it; of an exportable cell only.
   * @returns undefined if the signal ended it early.
   */
  run(
    cell: Cell,
    signal: AbortSignal,
    exportTo?: string,
  ): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined>;
}
