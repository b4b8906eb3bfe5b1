import type { DataType } from '@tensorflow/tfjs';
import type { DenseValues } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';

/** Shape and type of a tensor. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/**
 * A tfjs kernel that the backend writes as ONNX nodes.
 *
 * A call is *recorded*: `infer` says what comes out, and nothing is computed. When a result is read, the calls that it
 * needs become one graph, each through its `emit`. A graph is compiled once and found again by the kernels' names,
 * attributes and shapes, so `emit` must depend on nothing else; a number that may change from call to call belongs in
 * `scalars`.
 *
 * `Attributes` is the type of tfjs's attribute object for this kernel.
 */
export interface OnnxKernel<Attributes = unknown> {
  readonly kernelName: string;
  /**
   * Names of the inputs in order; 'list' for kernels that tfjs calls with an array of tensors. An optional input that is
   * absent leaves its place in the lists below undefined.
   */
  readonly inputs: readonly string[] | 'list';
  /**
   * Whether these inputs and attributes have an ONNX form; otherwise tfjs's CPU kernel computes them. Strings and
   * complex numbers never come here. Default: always.
   */
  supports?(inputs: readonly TensorSpec[], attributes: Attributes): boolean;
  /**
   * Shapes and types of the outputs.
   * @throws an Error with a message for the user when the inputs don't fit together.
   */
  infer(inputs: readonly TensorSpec[], attributes: Attributes): TensorSpec | readonly TensorSpec[];
  /**
   * Numbers among the attributes that may change from call to call: they enter the graph as float32 scalar inputs,
   * which `emit` receives after the tensors, so that a new value compiles nothing.
   */
  scalars?(attributes: Attributes): readonly number[];
  /**
   * Looks at inputs whose values are known already, null for those that are still to be computed.
   * @throws an Error with a message for the user where ONNX Runtime would fail only when a result is read.
   */
  check?(values: readonly (DenseValues | null)[], inputs: readonly TensorSpec[], attributes: Attributes): void;
  /** The attributes that the graph depends on, when those are fewer than all; default: every attribute. */
  key?(attributes: Attributes): unknown;
  /**
   * Writes the kernel into `graph` and returns its outputs in order. A result of another type or shape than `infer`
   * announced is cast and reshaped.
   */
  emit(
    graph: GraphBuilder,
    inputs: readonly Value[],
    attributes: Attributes,
    outputs: readonly TensorSpec[],
  ): Value | readonly Value[];
}
