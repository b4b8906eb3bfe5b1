import * as tf from '@tensorflow/tfjs';
import { type ElementType, sizeOf } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

/** tfjs calls the axes `axis` in most reductions and `reductionIndices` in Max. */
interface ReduceAttributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

interface ReduceForm {
  readonly opType: string;
  /** The type of the result for a type of input. */
  readonly dtype: (x: tf.DataType) => tf.DataType;
  /** The type to compute in; by default that of the result. */
  readonly computeType?: ElementType;
}

const same = (dtype: tf.DataType): tf.DataType => dtype;
const summed = (dtype: tf.DataType): tf.DataType => (dtype === 'bool' ? 'int32' : dtype);

const REDUCE_KERNELS: Readonly<Record<string, ReduceForm>> = {
  All: { opType: 'ReduceMin', dtype: same, computeType: 'int32' },
  Any: { opType: 'ReduceMax', dtype: same, computeType: 'int32' },
  Max: { opType: 'ReduceMax', dtype: same },
  Mean: { opType: 'ReduceMean', dtype: () => 'float32' },
  Min: { opType: 'ReduceMin', dtype: same },
  Prod: { opType: 'ReduceProd', dtype: summed },
  Sum: { opType: 'ReduceSum', dtype: summed },
};

for (const [kernelName, form] of Object.entries(REDUCE_KERNELS)) {
  registerOnnxKernel<ReduceAttributes>({
    kernelName,
    inputs: ['x'],
    infer: ([x], attributes) => reducedSpec(x!, axesOf(x!, attributes), attributes.keepDims === true, form.dtype),
    emit: (graph, [x], attributes, [output]) => {
      const axes = axesOf(x!, attributes);
      const wanted = form.computeType ?? (output!.dtype === 'bool' ? 'int32' : (output!.dtype as ElementType));
      const input = graph.cast(x!, wanted);
      if (axes.length === 0) return input;
      // An exported model takes any number of rows, which a row of ones can't.
      if (kernelName === 'Sum' && graph.target.hasRuntimeOperators && isColumnSum(input, axes)) {
        const rows = sizeOf(input.shape.slice(0, axes.length));
        return emitColumnSums(graph, graph.reshape(input, [rows, sizeOf(input.shape) / rows]));
      }
      const result = emitReduce(graph, form.opType, input, axes);
      const isExtremum = kernelName === 'Max' || kernelName === 'Min';
      return isExtremum && input.dtype === 'float32' ? emitNaNWhereAny(graph, input, axes, result) : result;
    },
  });
}

for (const kernelName of ['ArgMax', 'ArgMin'] as const) {
  registerOnnxKernel<{ readonly axis: number }>({
    kernelName,
    inputs: ['x'],
    infer: ([x], { axis }) =>
      reducedSpec(x!, tf.util.parseAxisParam(axis, [...x!.shape]).slice(0, 1), false, () => 'int32'),
    emit: (graph, [x], { axis }, [output]) => {
      const [first] = tf.util.parseAxisParam(axis, [...x!.shape]);
      const input = x!.dtype === 'float32' ? emitWithoutNaN(graph, x!, kernelName) : graph.cast(x!, 'int32');
      const attributes = { axis: first!, keepdims: 0 };
      return graph.node(kernelName, [input], { shape: output!.shape, dtype: 'int64', attributes });
    },
  });
}

registerOnnxKernel<{ readonly dim: number }>({
  kernelName: 'Softmax',
  inputs: ['logits'],
  infer: ([logits], { dim }): TensorSpec => {
    const rank = logits!.shape.length;
    if (dim !== -1 && dim !== rank - 1) {
      throw new Error(`Softmax: dim must be the last axis, ${rank - 1}, got ${dim}; transpose the logits first`);
    }
    return { shape: logits!.shape, dtype: 'float32' };
  },
  emit: (graph, [logits]) => {
    const input = graph.cast(logits!, 'float32');
    if (input.shape.length === 0)
      return graph.node('Softmax', [graph.reshape(input, [1])], { attributes: { axis: -1 } });
    return graph.node('Softmax', [input], { attributes: { axis: -1 } });
  },
});

interface CumulativeAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

registerOnnxKernel<CumulativeAttributes>({
  kernelName: 'Cumsum',
  inputs: ['x'],
  infer: ([x]): TensorSpec => ({ shape: x!.shape, dtype: summed(x!.dtype) }),
  emit: (graph, [x], { axis, exclusive, reverse }) => {
    const input = x!.dtype === 'bool' ? graph.cast(x!, 'int32') : x!;
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
    return graph.node('CumSum', [input, graph.scalar(axis, 'int64')], { attributes });
  },
});

/** Fewer rows than this are summed as fast by ONNX Runtime's own reduction. */
const MIN_SUMMED_ROWS = 64;

/** Whether all leading axes are summed, as the gradient of a bias does. */
function isColumnSum(x: Value, axes: readonly number[]): boolean {
  const isLeading = axes.length < x.shape.length && axes.every((axis) => axis < axes.length);
  return x.dtype === 'float32' && isLeading && sizeOf(x.shape.slice(0, axes.length)) >= MIN_SUMMED_ROWS;
}

/** The sums of the columns of `[rows, columns]`, `[1, columns]`: a product with ones reads memory in order, 2–5 × faster. */
export function emitColumnSums(graph: GraphBuilder, rows: Value): Value {
  const [numRows, numColumns] = rows.shape as [number, number];
  const ones = graph.constant(new Float32Array(numRows).fill(1), 'float32', [1, numRows]);
  return graph.node('MatMul', [ones, rows], { shape: [1, numColumns] });
}

/** A reduction over `axes` that keeps them with length 1. */
export function emitReduce(graph: GraphBuilder, opType: string, x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return graph.node(opType, [x, graph.int64s(axes)], { shape, attributes: { keepdims: 1 } });
}

/** ONNX Runtime compares its way through a reduction, and so passes over NaN; tfjs lets NaN win. */
function emitNaNWhereAny(graph: GraphBuilder, x: Value, axes: readonly number[], result: Value): Value {
  const isNaN = graph.cast(graph.node('IsNaN', [x], { dtype: 'bool' }), 'uint8');
  const hasNaN = graph.cast(emitReduce(graph, 'ReduceMax', isNaN, axes), 'bool');
  return graph.node('Where', [hasNaN, graph.scalar(NaN, 'float32'), result], { shape: result.shape, dtype: 'float32' });
}

/** Puts NaN last in the order, where tfjs's arguments of the extrema never find it. */
function emitWithoutNaN(graph: GraphBuilder, x: Value, kernelName: 'ArgMax' | 'ArgMin'): Value {
  const isNaN = graph.node('IsNaN', [x], { dtype: 'bool' });
  const last = graph.scalar(kernelName === 'ArgMax' ? -Infinity : Infinity, 'float32');
  return graph.node('Where', [isNaN, last, x], { shape: x.shape, dtype: 'float32' });
}

function axesOf(x: TensorSpec | Value, { axis, reductionIndices }: ReduceAttributes): number[] {
  return tf.util.parseAxisParam((axis ?? reductionIndices)!, [...x.shape]);
}

function reducedSpec(
  x: TensorSpec,
  axes: readonly number[],
  keepDims: boolean,
  dtype: (x: tf.DataType) => tf.DataType,
): TensorSpec {
  const shape = keepDims
    ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return { shape, dtype: dtype(x.dtype) };
}
