import * as tf from '@tensorflow/tfjs';
import type { OnnxruntimeBackend } from '../backend.ts';
import { type ElementType, isDenseType } from '../graph/element-type.ts';
import { GraphBuilder, type Value } from '../graph/graph-builder.ts';
import type { Cell } from '../recorder/cell.ts';
import { emitCalls } from '../recorder/emit-graph.ts';
import type { TensorSpec } from '../kernels/onnx-kernel.ts';

export type NamedTensors = Readonly<Record<string, tf.Tensor>>;
export type ExportableFunction = (inputs: NamedTensors) => tf.Tensor | NamedTensors;

/** ONNX's own operators alone, so that any runtime can run the model. */
const PORTABLE = { hasRuntimeOperators: false, channelBlock: null } as const;

/** An input of the function, and the type in which the model is given it where that is another. */
export interface TracedInput extends TensorSpec {
  readonly onnxType: ElementType | undefined;
}

/** Writes what `fn` does to inputs of these shapes as an ONNX graph. Nothing is computed. */
export function traceFunction(
  backend: OnnxruntimeBackend,
  fn: ExportableFunction,
  inputs: Readonly<Record<string, TracedInput>>,
): GraphBuilder {
  backend.recorder.flush();
  backend.recorder.isTracing = true;
  try {
    let graph: GraphBuilder | null = null;
    tf.tidy(() => {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => {
          const info = backend.placeholder(shape, dtype);
          return [name, tf.engine().makeTensorFromTensorInfo(info, backend)];
        }),
      );
      const returned = fn(tensors);
      const outputs = returned instanceof tf.Tensor ? { output: returned } : returned;
      graph = emitModel(backend, tensors, outputs, (name) => inputs[name]!.onnxType);
    });
    return graph!;
  } finally {
    backend.recorder.isTracing = false;
  }
}

function emitModel(
  backend: OnnxruntimeBackend,
  inputs: NamedTensors,
  outputs: NamedTensors,
  onnxTypeOf: (inputName: string) => ElementType | undefined,
): GraphBuilder {
  const graph = new GraphBuilder(PORTABLE);
  const known = new Map<Cell, Value>();
  for (const [name, tensor] of Object.entries(inputs)) {
    const type = elementTypeOf(name, tensor);
    const input = graph.input(name, onnxTypeOf(name) ?? type, tensor.shape);
    known.set(backend.cell(tensor.dataId), graph.cast(input, type));
  }
  const weightNames = variableNames(backend);
  const enter = (cell: Cell, shape: readonly number[]): Value => {
    let value = known.get(cell);
    if (value === undefined) {
      const variableName = weightNames.get(cell);
      const isFree = variableName !== undefined && !(variableName in inputs) && !(variableName in outputs);
      const name = isFree ? variableName : `_w${known.size}`;
      value = graph.namedConstant(name, cell.values!, cell.dtype as ElementType, cell.shape);
      known.set(cell, value);
    }
    return graph.reshape(value, shape);
  };

  const cells = Object.values(outputs).map((tensor) => backend.cell(tensor.dataId));
  const { emitted } = emitCalls(graph, backend.recorder.trace(new Set(cells)), enter);
  for (const [i, [name, tensor]] of Object.entries(outputs).entries()) {
    const { producer, outputIndex } = cells[i]!;
    elementTypeOf(name, tensor);
    const value = producer === null ? enter(cells[i]!, tensor.shape) : emitted[producer.index]![outputIndex]!;
    graph.output(graph.reshape(value, tensor.shape), name);
  }
  return graph;
}

/** Names that begin otherwise are the graph's own. */
const NAME_PATTERN = /^[A-Za-z][\w./-]*$/;

function elementTypeOf(name: string, { dtype }: tf.Tensor): ElementType {
  if (!NAME_PATTERN.test(name)) {
    throw new Error(`exportOnnx: names of inputs and outputs must match ${NAME_PATTERN.source}, got '${name}'`);
  }
  if (isDenseType(dtype)) return dtype;
  throw new Error(`exportOnnx: ${name} must be float32, int32 or bool, got ${dtype}`);
}

/** Weights that are tfjs variables keep their names. */
function variableNames(backend: OnnxruntimeBackend): Map<Cell, string> {
  const names = new Map<Cell, string>();
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    const isAnonymous = /^\d+$/.test(variable.name);
    if (!isAnonymous && !variable.isDisposed) names.set(backend.cell(variable.dataId), variable.name);
  }
  return names;
}
