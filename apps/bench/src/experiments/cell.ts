import { hashJson, type Json } from '../results/content-hash.ts';
import type { Method } from './description.ts';
import type { Masking, Pictures, Role, Run, SuiteName } from '../results/schema.ts';

/** One cell of the comparison, as data: what to run, before anything is built for it. */
export interface Cell<S extends Json = Json> {
  readonly suite: SuiteName;
  /** The data that the encoder is pre-trained on. */
  readonly dataset: string;
  /** Label of the encoder; null for a control without one. */
  readonly encoder: string | null;
  /** What the encoder sees in pre-training; null for a control without pre-training. */
  readonly masking: Masking | null;
  /** A method's name, or a control's. */
  readonly method: string;
  readonly role: Role;
  readonly seed: number;
  /** Whatever else determines its result, and nothing that doesn't: sizes, steps, probes. */
  readonly settings: S;
}

/** Where a cell stands in its suite, with its method as it was described. */
export interface CellPlace {
  readonly encoder: string | null;
  readonly masking: Masking | null;
  readonly method: Method;
}

/** What determines a cell's result besides itself. */
export interface CellSurroundings {
  /** Of all data that its suite reads. */
  readonly dataSha256: string;
  readonly backend: {
    readonly name: string;
    readonly version: string;
    readonly device: string;
    readonly threads: number;
  };
  /** Hash of the programs that run it. */
  readonly programSha256: string;
}

/** The name under which a finished cell is stored: equal for two cells only if they would give the same result. */
export function cellId(
  { role: _part, ...cell }: Cell,
  { dataSha256, programSha256, backend }: CellSurroundings,
): string {
  const { name, version, device, threads } = backend;
  const surroundings = { dataSha256, programSha256, backend: { name, version, device, threads } };
  return hashJson({ ...cell, ...surroundings }).slice(0, 20);
}

/** What a running cell says of itself. */
export interface CellProgress {
  readonly phase: string;
  readonly step: number;
  readonly numSteps: number;
  readonly loss?: number;
  readonly itemsPerSecond?: number;
}

/** Rows of equally many pictures, one PNG a row. */
export interface Drawing extends Omit<Pictures, 'rows'> {
  readonly rows: readonly { readonly label: string; readonly png: Uint8Array }[];
}

/** What a cell measured. */
export interface CellOutcome extends Pick<Run, 'metrics' | 'curves' | 'durations' | 'training'> {
  readonly pictures: readonly Drawing[];
}

/** The run that a cell and its outcome make together. */
export function toRun(id: string, cell: Cell, backend: string, outcome: CellOutcome, pictures: Pictures[]): Run {
  const { suite, dataset, encoder, masking, method, role, seed } = cell;
  const { metrics, curves, durations, training } = outcome;
  const finishedAt = new Date().toISOString();
  return {
    id,
    suite,
    dataset,
    encoder,
    masking,
    method,
    role,
    seed,
    backend,
    metrics,
    curves,
    durations,
    training,
    pictures,
    finishedAt,
  };
}
