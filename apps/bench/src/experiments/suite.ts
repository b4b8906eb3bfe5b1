import type { DataDescription, SuiteName } from '../results/schema.ts';
import type { Cell, CellOutcome, CellProgress } from './cell.ts';

/** A modality's part of the comparison on one data set: its data, read, and its cells, ready to run. */
export interface Suite {
  readonly name: SuiteName;
  /** What `itemsPerSecond` counts. */
  readonly unit: string;
  /** Everything that it reads. */
  readonly data: readonly DataDescription[];
  readonly cells: readonly Cell[];

  /**
   * How long each of the given cells will take, in milliseconds: from a few training steps and probes of a few samples,
   * timed here on the backend that is set.
   */
  estimateMs(cells: readonly Cell[], signal: AbortSignal): Promise<ReadonlyMap<Cell, number>>;

  /**
   * Runs a cell and returns what it measured.
   *
   * @returns undefined if the signal ended it early.
   */
  run(cell: Cell, signal: AbortSignal): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined>;
}
