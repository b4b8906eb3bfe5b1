import type { DataType } from '@tensorflow/tfjs';
import { type ElementType, sizeOf } from '../graph/element-type.ts';
import { GraphBuilder, type GraphTarget, type Value } from '../graph/graph-builder.ts';
import type { Cell } from './cell.ts';
import type { RecordedKernel } from './recorded-kernel.ts';
import type { Structure } from './structure.ts';

/** A graph input: the leaf that feeds it and the shape in which it is seen. */
export interface Feed {
  readonly name: string;
  readonly leaf: number;
  readonly shape: readonly number[];
}

export interface EmittedGraph {
  readonly graph: GraphBuilder;
  readonly feeds: readonly Feed[];
  /** Graph outputs in the order of `Structure.results`. */
  readonly outputs: readonly Value[];
  /** Elements that the graph's kernels read and write, a measure of its work. */
  readonly numElements: number;
}

/** How known values enter a graph: a leaf as a kernel sees it, in the shape that the kernel has for it. */
export type Enter = (cell: Cell, shape: readonly number[]) => Value;

/** Writes the recorded calls as one ONNX graph whose inputs are the leaves. */
export function emitGraph(structure: Structure, target: GraphTarget): EmittedGraph {
  const graph = new GraphBuilder(target);
  const feeds: Feed[] = [];
  const fed = new Map<string, Value>();
  const leafIndices = new Map<Cell, number>(structure.leaves.map((cell, index) => [cell, index]));

  // A leaf that is seen in two shapes enters as two inputs over the same memory, which costs no node.
  const enter: Enter = (cell, shape) => {
    const leaf = leafIndices.get(cell)!;
    const key = `${leaf}:${shape.join(',')}`;
    let value = fed.get(key);
    if (value === undefined) {
      value = graph.input(`_i${feeds.length}`, cell.dtype as ElementType, shape);
      feeds.push({ name: value.name, leaf, shape });
      fed.set(key, value);
    }
    return value;
  };

  const { emitted, numElements } = emitCalls(graph, structure, enter);
  const outputs = structure.results.map((cell) => graph.output(emitted[cell.producer!.index]![cell.outputIndex]!));
  return { graph, feeds, outputs, numElements };
}

interface EmittedCalls {
  /** The values of each call's outputs. */
  readonly emitted: readonly (readonly Value[])[];
  readonly numElements: number;
}

/** Writes the recorded calls into `graph`, in order. */
export function emitCalls(graph: GraphBuilder, { kernels }: Structure, enter: Enter): EmittedCalls {
  const emitted: Value[][] = [];
  let numElements = 0;
  for (const call of kernels) {
    const { kernel, attributes, inputs, outputs } = call.signature;
    let position = 0;
    const values = inputs.map((input) => {
      if (input === undefined) return undefined;
      const cell = call.inputs[position++]!;
      numElements += sizeOf(input.shape);
      if (cell.producer === null) return enter(cell, input.shape);
      return graph.reshape(emitted[cell.producer.index]![cell.outputIndex]!, input.shape);
    });
    const returned = kernel.emit(graph, values as Value[], attributes, outputs);
    const list = Array.isArray(returned) ? (returned as readonly Value[]) : [returned as Value];
    emitted.push(list.map((value, i) => conform(graph, call, value, i)));
    for (const output of outputs) numElements += sizeOf(output.shape);
  }

  return { emitted, numElements };
}

function conform(graph: GraphBuilder, call: RecordedKernel, value: Value, index: number): Value {
  const spec = call.signature.outputs[index];
  if (spec === undefined) throw new Error(`${call.signature.kernel.kernelName}: emit returned too many outputs`);
  return graph.reshape(graph.cast(value, elementTypeOf(spec.dtype)), spec.shape);
}

function elementTypeOf(dtype: DataType): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`onnxruntime: ${dtype} has no ONNX form`);
}
