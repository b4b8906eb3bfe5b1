import type { TensorInfo } from '@tensorflow/tfjs';
import { allocateValues, type DenseType, sizeOf } from '../graph/element-type.ts';
import { measureWorkspace } from '../graph/workspace.ts';
import type { OnnxKernel, TensorSpec } from '../kernels/onnx-kernel.ts';
import type { ResolvedOptions } from '../options.ts';
import type { NamedTensors } from '../runtime/binding.ts';
import { compile } from '../runtime/compile.ts';
import type { Device } from '../runtime/device.ts';
import { BufferPool } from './buffer-pool.ts';
import { Cell, wrapValues } from './cell.ts';
import { emitGraph } from './emit-graph.ts';
import { RecordedKernel, type Signature } from './recorded-kernel.ts';
import { type Plan, SessionCache } from './session-cache.ts';
import { Signatures } from './signatures.ts';
import { analyze, type Structure } from './structure.ts';

/** Running totals since the backend was created. */
export interface RecorderStatistics {
  /** Graphs run. */
  numRuns: number;
  /** Graphs compiled. */
  numCompilations: number;
  /** Time spent compiling. */
  compileMs: number;
  /** Time spent inside ONNX Runtime, compiling apart. */
  runMs: number;
}

/** Records kernel calls, and runs what has been recorded as one graph when a result is needed. */
export class Recorder {
  readonly pool: BufferPool;
  readonly sessions: SessionCache;
  readonly statistics: RecorderStatistics = { numRuns: 0, numCompilations: 0, compileMs: 0, runMs: 0 };
  /** While a function is traced for export, running what it records is an error. */
  isTracing = false;
  private readonly options: ResolvedOptions;
  private readonly device: Device;
  private readonly signatures = new Signatures();
  private pending: RecordedKernel[] = [];
  /** Disposed of while recorded calls may still read them; their memory is free after the next flush. */
  private retired: Cell[] = [];
  private retiredBytes = 0;

  constructor(options: ResolvedOptions, device: Device) {
    this.options = options;
    this.device = device;
    this.pool = new BufferPool(options.maxPooledBytes);
    this.sessions = new SessionCache(options.cacheSize, options.maxCachedBytes);
  }

  /**
   * Records a call of `kernel` on the tensors, whose data are `cells` (absent ones left out).
   * Returns null where the kernel has no ONNX form for these inputs.
   */
  record(
    kernel: OnnxKernel,
    tensors: readonly (TensorInfo | undefined)[],
    cells: readonly Cell[],
    attributes: unknown,
  ): RecordedKernel | null {
    const scalars = kernel.scalars?.(attributes) ?? [];
    const signature = this.signatures.find(kernel, tensors, attributes, scalars.length);
    if (signature === null) return null;
    kernel.check?.(
      cells.map(({ values }) => values),
      signature.inputs as TensorSpec[],
      attributes,
    );
    if (signature.outputs.every(({ shape }) => sizeOf(shape) === 0)) return emptyCall(signature);
    const inputs = scalars.length === 0 ? cells : [...cells, ...scalars.map((value) => scalarCell(value))];
    const call = new RecordedKernel(signature, inputs);
    call.outputs = signature.outputs.map(({ dtype, shape }, index) => {
      const cell = new Cell(dtype, shape);
      cell.producer = call;
      cell.outputIndex = index;
      return cell;
    });
    this.pending.push(call);
    if (this.pending.length >= this.options.maxPendingKernels) this.flush();
    return call;
  }

  /** Takes back the memory of a disposed cell, now or after the calls that still need it have run. */
  retire(cell: Cell): void {
    // A traced constant stays part of the exported graph after its tensor is gone.
    if (cell.values === null || !cell.isPooled || this.isTracing) return;
    if (this.pending.length === 0) {
      this.reclaim(cell);
      return;
    }
    this.retired.push(cell);
    this.retiredBytes += cell.values.byteLength;
    if (this.retiredBytes > this.options.maxPendingBytes) this.flush();
  }

  /**
   * Runs every recorded call whose result is still held; calls whose results are all gone are dropped. What ONNX
   * Runtime reports of a result is kept with it as `Cell.error`.
   */
  flush(): void {
    if (this.pending.length === 0) return;
    if (this.isTracing) {
      throw new Error(
        'exportOnnx: the function reads a value that depends on its inputs, or uses a kernel without an ONNX form',
      );
    }
    const calls = this.pending;
    this.pending = [];
    const structure = analyze(calls);
    try {
      if (structure.results.length > 0) this.run(structure);
    } catch (error) {
      if (structure.results.length === 1) fail(structure.results[0]!, error);
      else this.runOneByOne(calls, structure.results);
    } finally {
      for (const cell of this.retired) this.reclaim(cell);
      this.retired = [];
      this.retiredBytes = 0;
    }
  }

  /** The pending calls that `cells` need, without running them. */
  trace(cells: ReadonlySet<Cell>): Structure {
    return analyze(this.pending, cells);
  }

  dispose(): void {
    this.pending = [];
    this.retired = [];
    this.sessions.clear();
    this.pool.clear();
  }

  private run(structure: Structure): void {
    const plan = this.sessions.find(structure) ?? this.compile(structure);
    const feeds: NamedTensors = {};
    for (const { name, leaf, shape } of plan.feeds) feeds[name] = structure.leaves[leaf]!.tensor(shape);
    const fetches: NamedTensors = {};
    const arrays = structure.results.map((cell, i) => {
      const dtype = cell.dtype as DenseType;
      const values = this.pool.take(dtype, sizeOf(cell.shape));
      fetches[plan.outputNames[i]!] = wrapValues(dtype, values, cell.shape);
      return values;
    });
    const start = performance.now();
    plan.session.run(feeds, fetches);
    this.statistics.runMs += performance.now() - start;
    this.statistics.numRuns += 1;
    structure.results.forEach((cell, i) => {
      cell.values = arrays[i]!;
      cell.isPooled = true;
      cell.producer = null;
    });
  }

  /** After a failed run: computes each result by itself, so that one error doesn't take the others along. */
  private runOneByOne(calls: readonly RecordedKernel[], results: readonly Cell[]): void {
    const errors = new Map<Cell, unknown>();
    for (const cell of results) {
      try {
        this.run(analyze(calls, new Set([cell])));
      } catch (error) {
        errors.set(cell, error);
      }
    }
    for (const [cell, error] of errors) fail(cell, error);
  }

  private compile(structure: Structure): Plan {
    const start = performance.now();
    const emitted = emitGraph(structure, this.device.target);
    const plan: Plan = {
      code: structure.code,
      session: compile(emitted, this.options, this.device),
      feeds: emitted.feeds,
      outputNames: emitted.outputs.map((output) => output.name),
      workspaceBytes: measureWorkspace(emitted.graph),
    };
    this.sessions.add(structure.hash, plan);
    this.statistics.numCompilations += 1;
    this.statistics.compileMs += performance.now() - start;
    return plan;
  }

  private reclaim(cell: Cell): void {
    if (cell.values !== null) this.pool.give(cell.dtype as DenseType, cell.values);
    cell.values = null;
  }
}

function fail(cell: Cell, error: unknown): void {
  cell.error = error as Error;
  cell.producer = null;
}

/** A call with nothing to compute. */
function emptyCall(signature: Signature): RecordedKernel {
  const call = new RecordedKernel(signature, []);
  call.outputs = signature.outputs.map(({ dtype, shape }) => {
    const cell = new Cell(dtype, shape);
    cell.values = allocateValues(dtype as DenseType, 0);
    return cell;
  });
  return call;
}

function scalarCell(value: number): Cell {
  const cell = new Cell('float32', []);
  cell.values = Float32Array.of(value);
  return cell;
}
