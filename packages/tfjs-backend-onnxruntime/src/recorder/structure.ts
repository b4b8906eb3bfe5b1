import type { Cell } from './cell.ts';
import type { RecordedKernel } from './recorded-kernel.ts';

/** What a flush has to compute, numbered so that equal programs come out equal. */
export interface Structure {
  /** The needed calls in recording order. */
  readonly kernels: readonly RecordedKernel[];
  /** The cells with known values that they read, in order of first use. */
  readonly leaves: readonly Cell[];
  /** The results, in order. */
  readonly results: readonly Cell[];
  /** An exact encoding of all of the above but the values: equal codes mean equal graphs. */
  readonly code: Int32Array;
  readonly hash: number;
}

const LEAF = -1;
let scratch = new Int32Array(4096);
let epoch = 0;

/**
 * Finds the calls that live results need and encodes them. Recording order is a topological order, so one pass
 * backwards marks the needed calls and one forwards numbers them. Results are the cells of `wanted`, or all that
 * somebody still holds.
 */
export function analyze(pending: readonly RecordedKernel[], wanted: ReadonlySet<Cell> | null = null): Structure {
  epoch += 1;
  const isWanted = (cell: Cell): boolean => (wanted === null ? cell.refCount > 0 : wanted.has(cell));
  for (let i = pending.length - 1; i >= 0; i--) markIfNeeded(pending[i]!, isWanted);

  const kernels: RecordedKernel[] = [];
  const leaves: Cell[] = [];
  const results: Cell[] = [];
  let length = 0;
  let hash = 0x811c9dc5;
  const push = (word: number): void => {
    if (length === scratch.length) scratch = grown(scratch);
    scratch[length++] = word;
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  };

  for (const kernel of pending) {
    if (kernel.epoch !== epoch) continue;
    kernel.index = kernels.length;
    kernels.push(kernel);
    push(kernel.signature.id);
    for (const cell of kernel.inputs) {
      if (cell.producer !== null) {
        push(cell.producer.index);
        push(cell.outputIndex);
        continue;
      }
      if (cell.epoch !== epoch) {
        cell.epoch = epoch;
        cell.index = leaves.length;
        leaves.push(cell);
      }
      push(LEAF);
      push(cell.index);
    }
    for (const cell of kernel.outputs) {
      const isResult = isWanted(cell);
      if (isResult) results.push(cell);
      push(isResult ? 1 : 0);
    }
  }
  return { kernels, leaves, results, code: scratch.slice(0, length), hash: hash >>> 0 };
}

function markIfNeeded(kernel: RecordedKernel, isWanted: (cell: Cell) => boolean): void {
  if (kernel.epoch !== epoch && !kernel.outputs.some((cell) => isWanted(cell))) return;
  kernel.epoch = epoch;
  for (const cell of kernel.inputs) {
    if (cell.producer !== null) cell.producer.epoch = epoch;
  }
}

function grown(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}

export function haveSameCode(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
