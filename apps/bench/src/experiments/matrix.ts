import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { hashParts } from '../results/content-hash.ts';
import type { Run, SuiteName } from '../results/schema.ts';
import type { RunStore } from '../results/run-store.ts';
import { cellId, toRun, type Cell, type CellOutcome, type CellProgress, type CellSurroundings } from './cell.ts';
import type { Suite } from './suite.ts';

/** A cell with the suite that runs it and the run that is stored of it, if one is. */
export interface PlannedCell {
  readonly cell: Cell;
  readonly suite: Suite;
  readonly id: string;
  readonly stored: Run | undefined;
  /** The folder that its encoder goes to; undefined where it has none, or is not exported. */
  readonly exportTo: string | undefined;
}

/** What happens while a matrix runs. */
export type MatrixEvent =
  | { readonly kind: 'progress'; readonly planned: PlannedCell; readonly progress: CellProgress }
  | { readonly kind: 'finished'; readonly planned: PlannedCell; readonly run: Run }
  | { readonly kind: 'failed'; readonly planned: PlannedCell; readonly error: InputError };

export interface PlanOptions {
  readonly store: RunStore;
  readonly backend: CellSurroundings['backend'];
  /** Hash of the programs that run a suite. */
  hashProgram(suite: SuiteName): Promise<string>;
  /** Ignores what is stored. */
  readonly fresh: boolean;
  /** The folder to export encoders below; null for none. A stored run whose encoder is not there runs again. */
  readonly encoders: string | null;
}

/**
 * Looks up which cells are finished already. Cells go by seed first, over all suites: an interrupted matrix has whole
 * comparisons.
 */
export async function planMatrix(suites: readonly Suite[], options: PlanOptions): Promise<PlannedCell[]> {
  const { store, backend, fresh, encoders } = options;
  const planned: PlannedCell[] = [];
  for (const suite of suites) {
    const programSha256 = await options.hashProgram(suite.name);
    const dataSha256 = hashParts(suite.data.map(({ sha256 }) => sha256));
    for (const cell of suite.cells) {
      const id = cellId(cell, { dataSha256, backend, programSha256 });
      const exportTo = encoders !== null && suite.isExportable(cell) ? encoderFolder(encoders, id, cell) : undefined;
      const isMissing = exportTo !== undefined && !existsSync(exportTo);
      const stored = fresh || isMissing ? undefined : await store.load(id);
      // Its part in the comparison is no part of what was measured.
      planned.push({ cell, suite, id, stored: stored && { ...stored, role: cell.role }, exportTo });
    }
  }
  return planned.toSorted((a, b) => a.cell.seed - b.cell.seed);
}

/** Named for people, and by the run's id: one of other settings never stands in its place. */
function encoderFolder(below: string, id: string, { suite, encoder, masking, method, seed }: Cell): string {
  const name = [suite, encoder, masking, method, `seed-${seed}`, id.slice(0, 8)].join('-');
  return path.join(below, name.replaceAll(/[^\w.-]/g, '_'));
}

/**
 * Runs what is not finished yet, one cell after another, and stores each as soon as it is done. Ends early on the signal.
 * A cell that its settings or data let fail is told, and the others go on; any other error ends all.
 */
export async function* runMatrix(
  planned: readonly PlannedCell[],
  store: RunStore,
  backend: string,
  signal: AbortSignal,
): AsyncGenerator<MatrixEvent, void, undefined> {
  for (const entry of planned) {
    if (signal.aborted) return;
    if (entry.stored !== undefined) {
      yield { kind: 'finished', planned: entry, run: entry.stored };
      continue;
    }
    let outcome: CellOutcome | undefined;
    try {
      outcome = yield* runCell(entry, signal);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      yield { kind: 'failed', planned: entry, error };
      continue;
    }
    if (outcome === undefined) return;
    const { cell, id } = entry;
    const pictures = await store.savePictures(id, outcome.pictures);
    const run = toRun(id, cell, backend, outcome, pictures);
    await store.save(run);
    yield { kind: 'finished', planned: entry, run };
  }
}

async function* runCell(
  planned: PlannedCell,
  signal: AbortSignal,
): AsyncGenerator<MatrixEvent, CellOutcome | undefined, undefined> {
  const { cell, suite, exportTo } = planned;
  const running = suite.run(cell, signal, exportTo);
  let next = await running.next();
  while (next.done !== true) {
    yield { kind: 'progress', planned, progress: next.value };
    next = await running.next();
  }
  return next.value;
}
