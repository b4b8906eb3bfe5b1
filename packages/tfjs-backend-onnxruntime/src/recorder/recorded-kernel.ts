import type { OnnxKernel, TensorSpec } from '../kernels/onnx-kernel.ts';
import type { Cell } from './cell.ts';

/**
 * What one kernel call has in common with every other call of the same kernel, attributes and input shapes. Its `id`
 * stands for all of that in the key of a graph.
 */
export interface Signature {
  readonly id: number;
  readonly kernel: OnnxKernel;
  readonly attributes: unknown;
  /** In call order, scalar parameters last; undefined for an optional input that is absent. */
  readonly inputs: readonly (TensorSpec | undefined)[];
  readonly outputs: readonly TensorSpec[];
  /** Whether the kernel returns an array of tensors, be it of one. */
  readonly returnsList: boolean;
}

/** One kernel call that waits to be run. */
export class RecordedKernel {
  readonly signature: Signature;
  /** The cells behind `signature.inputs`, without the absent ones. */
  readonly inputs: readonly Cell[];
  outputs: readonly Cell[] = [];
  /** The flush that found this call to be needed, and its place among the needed ones. */
  epoch = 0;
  index = 0;

  constructor(signature: Signature, inputs: readonly Cell[]) {
    this.signature = signature;
    this.inputs = inputs;
  }
}
