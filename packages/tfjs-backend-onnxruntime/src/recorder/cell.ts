import type { DataType } from '@tensorflow/tfjs';
import { Tensor } from 'onnxruntime-node';
import { type DenseType, type DenseValues, haveSameShape } from '../graph/element-type.ts';
import type { RecordedKernel } from './recorded-kernel.ts';

/** A complex tensor is its two dense parts, which the cell owns. */
export interface ComplexParts {
  readonly real: Cell;
  readonly imag: Cell;
}

/**
 * The data behind one tfjs data id, and that id itself. It is either known (`values`, `strings` or `parts`), or the
 * result of a kernel that has been recorded and not yet run (`producer`), or lost to an error when it ran (`error`).
 */
export class Cell {
  readonly dtype: DataType;
  /** The shape in which the data came into being; views may see it in another one. */
  readonly shape: readonly number[];
  refCount = 1;
  /** False once disposed of or moved to another backend. */
  isAlive = true;
  values: DenseValues | null = null;
  /** Whether `values` came from the buffer pool and nobody else can hold them. */
  isPooled = false;
  strings: Uint8Array[] | null = null;
  parts: ComplexParts | null = null;
  producer: RecordedKernel | null = null;
  outputIndex = 0;
  error: Error | null = null;
  /** The flush that last numbered this cell as an input of its graph, and the number. */
  epoch = 0;
  index = 0;
  private fed: Tensor | null = null;

  constructor(dtype: DataType, shape: readonly number[]) {
    this.dtype = dtype;
    this.shape = shape;
  }

  /** The known values as an ONNX Runtime tensor of the given shape, sharing memory. */
  tensor(shape: readonly number[]): Tensor {
    if (this.fed === null || this.fed.data !== this.values || !haveSameShape(this.fed.dims, shape)) {
      this.fed = wrapValues(this.dtype as DenseType, this.values!, shape);
    }
    return this.fed;
  }
}

/** An ONNX Runtime tensor over `values`, sharing memory. */
export function wrapValues(dtype: DenseType, values: DenseValues, shape: readonly number[]): Tensor {
  if (dtype === 'bool') return new Tensor('bool', values as Uint8Array, shape);
  return dtype === 'int32'
    ? new Tensor('int32', values as Int32Array, shape)
    : new Tensor('float32', values as Float32Array, shape);
}
