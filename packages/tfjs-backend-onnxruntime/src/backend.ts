import * as tf from '@tensorflow/tfjs';
import { type DenseValues, isDenseType, toDenseValues } from './graph/element-type.ts';
import type { OnnxKernel } from './kernels/onnx-kernel.ts';
import type { ExecutionProvider, ResolvedOptions } from './options.ts';
import { Cell } from './recorder/cell.ts';
import { Recorder } from './recorder/recorder.ts';
import type { Device } from './runtime/device.ts';
import { runOnCpu } from './fallback.ts';

/** What `tf.memory()` tells on this backend, beside tfjs's own counts. */
export interface OnnxruntimeMemory {
  unreliable: boolean;
  /** Bytes of disposed tensors' memory that wait for reuse. */
  numBytesPooled: number;
  /** Compiled graphs that are kept. */
  numSessions: number;
}

type KernelInputs = tf.NamedTensorInfoMap | readonly tf.TensorInfo[];

/** The tfjs backend. It keeps the data of tensors and leaves what to do with them to the recorder. */
export class OnnxruntimeBackend extends tf.KernelBackend {
  readonly recorder: Recorder;
  readonly options: ResolvedOptions;
  /** The execution provider in use: the first of the wanted ones that works here. */
  readonly provider: ExecutionProvider;
  /** Data that tfjs moved here from another backend, under that backend's ids. */
  private readonly adopted = new WeakMap<object, Cell>();
  private numCells = 0;

  constructor(options: ResolvedOptions, device: Device) {
    super();
    this.options = options;
    this.provider = device.provider;
    this.recorder = new Recorder(options, device);
  }

  /** The results of a kernel, recorded as ONNX nodes where it has such a form for these inputs, else computed at once. */
  runKernel(kernel: OnnxKernel, inputs: KernelInputs, attributes: unknown): tf.TensorInfo | tf.TensorInfo[] {
    const tensors =
      kernel.inputs === 'list'
        ? (inputs as readonly tf.TensorInfo[])
        : kernel.inputs.map((name) => (inputs as tf.NamedTensorInfoMap)[name]);
    const cells: Cell[] = [];
    for (const tensor of tensors) {
      if (tensor === undefined || tensor === null) continue;
      if (!isDenseType(tensor.dtype)) return runOnCpu(this, kernel.kernelName, inputs, attributes);
      const cell = this.cell(tensor.dataId);
      if (cell.error !== null) throw cell.error;
      cells.push(cell);
    }
    const call = this.recorder.record(kernel, tensors, cells, attributes);
    if (call === null) return runOnCpu(this, kernel.kernelName, inputs, attributes);
    const outputs = call.outputs.map((cell) => this.register(cell, cell.shape));
    return call.signature.returnsList ? outputs : outputs[0]!;
  }

  /** A tensor over known values, which the backend from then on owns. */
  adopt(values: tf.backend_util.BackendValues, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    return this.register(cellOver(values, shape, dtype), shape);
  }

  /** A tensor without values, for a function to be traced on. */
  placeholder(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    return this.register(new Cell(dtype, shape), shape);
  }

  /** A complex tensor over two float32 tensors, of which it takes over one reference each. */
  joinComplex(real: tf.TensorInfo, imag: tf.TensorInfo): tf.TensorInfo {
    const cell = new Cell('complex64', real.shape);
    cell.parts = { real: this.cell(real.dataId), imag: this.cell(imag.dataId) };
    return this.register(cell, real.shape);
  }

  /** The same data in another shape. */
  view(tensor: tf.TensorInfo, shape: readonly number[] = tensor.shape): tf.TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
  }

  /** The data behind a tfjs data id, fetched from the backend that has it if need be. */
  cell(dataId: tf.DataId): Cell {
    const cell = this.find(dataId);
    if (cell !== null) return cell;
    tf.engine().moveData(this, dataId);
    return this.find(dataId)!;
  }

  /**
   * The values of a dense cell, computed if they are pending; not a copy.
   * @throws what ONNX Runtime reported when it computed them
   */
  valuesOf(cell: Cell): DenseValues {
    if (cell.producer !== null) this.recorder.flush();
    if (cell.error !== null) throw cell.error;
    if (cell.values === null) throw new Error('exportOnnx: the function reads the values of an input');
    return cell.values;
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const cell = new Cell(dtype, shape);
    if (isDenseType(dtype)) {
      // A copy: the graph reads the values later, and the caller may change its array until then.
      cell.values = this.recorder.pool.take(dtype, values.length);
      cell.values.set(values as DenseValues);
      cell.isPooled = true;
    } else {
      cell.strings = (values as Uint8Array[]).slice();
    }
    return this.register(cell, shape).dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const cell =
      dtype === 'complex64' ? this.splitComplex(values as Float32Array, shape) : cellOver(values, shape, dtype);
    cell.refCount = refCount;
    this.adopted.set(dataId, cell);
    this.numCells += 1;
  }

  override async read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  /** A copy of the values, for the caller to keep. */
  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const cell = this.cell(dataId);
    if (cell.strings !== null) return cell.strings;
    if (cell.parts !== null) {
      const real = this.valuesOf(cell.parts.real) as Float32Array;
      const imag = this.valuesOf(cell.parts.imag) as Float32Array;
      return tf.backend_util.mergeRealAndImagArrays(real, imag);
    }
    return this.valuesOf(cell).slice();
  }

  override refCount(dataId: tf.DataId): number {
    return this.find(dataId)?.refCount ?? 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.cell(dataId).refCount += 1;
  }

  decRef(dataId: tf.DataId): void {
    const cell = this.find(dataId);
    if (cell !== null) cell.refCount -= 1;
  }

  /** Gives up one reference, or all of them; true when the data is gone from this backend. */
  override disposeData(dataId: tf.DataId, force = false): boolean {
    const cell = this.find(dataId);
    if (cell === null) return true;
    cell.refCount -= 1;
    if (cell.refCount > 0 && !force) return false;
    cell.refCount = 0;
    cell.isAlive = false;
    this.adopted.delete(dataId);
    this.numCells -= 1;
    this.recorder.retire(cell);
    if (cell.parts !== null) {
      this.disposeData(cell.parts.real);
      this.disposeData(cell.parts.imag);
    }
    return true;
  }

  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void {
    this.disposeData(tensor.dataId);
  }

  override numDataIds(): number {
    return this.numCells;
  }

  // tfjs's type of this method leaves no room for what a backend adds to the report.
  override memory(): { unreliable: boolean } & OnnxruntimeMemory {
    return {
      unreliable: false,
      numBytesPooled: this.recorder.pool.numBytes,
      numSessions: this.recorder.sessions.size,
    };
  }

  /** Runs `f` and whatever it recorded; `kernelMs` is the time inside ONNX Runtime. */
  override async time(f: () => void): Promise<tf.BackendTimingInfo> {
    this.recorder.flush();
    const before = this.recorder.statistics.runMs;
    f();
    this.recorder.flush();
    return { kernelMs: this.recorder.statistics.runMs - before };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {
    this.recorder.dispose();
  }

  private find(dataId: tf.DataId): Cell | null {
    if (dataId instanceof Cell && dataId.isAlive) return dataId;
    return this.adopted.get(dataId) ?? null;
  }

  private register(cell: Cell, shape: readonly number[]): tf.TensorInfo {
    this.numCells += 1;
    return { dataId: cell, shape: shape as number[], dtype: cell.dtype };
  }

  private splitComplex(values: Float32Array, shape: readonly number[]): Cell {
    const { real, imag } = tf.backend_util.splitRealAndImagArrays(values);
    const cell = new Cell('complex64', shape);
    cell.parts = { real: cellOver(real, shape, 'float32'), imag: cellOver(imag, shape, 'float32') };
    this.numCells += 2;
    return cell;
  }
}

function cellOver(values: tf.backend_util.BackendValues, shape: readonly number[], dtype: tf.DataType): Cell {
  const cell = new Cell(dtype, shape);
  if (isDenseType(dtype)) cell.values = toDenseValues(dtype, values as DenseValues);
  else cell.strings = values as Uint8Array[];
  return cell;
}
