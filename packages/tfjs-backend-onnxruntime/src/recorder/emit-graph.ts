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

/** Writes the recorded calls as one ONNX graph. */
export function emitGraph({ kernels, leaves, results }: Structure, target: GraphTarget): EmittedGraph {
  const graph = new GraphBuilder(target);
  const feeds: Feed[] = [];
  const fed = new Map<string, Value>();
  const emitted: Value[][] = [];
  const leafIndices = new Map<Cell, number>(leaves.map((cell, index) => [cell, index]));
  let numElements = 0;

  // A leaf that is seen in two shapes enters as two inputs over the same memory, which costs no node.
  const feed = (cell: Cell, shape: readonly number[]): Value => {
    const leaf = leafIndices.get(cell)!;
    const key = `${leaf}:${shape.join(',')}`;
    let value = fed.get(key);
    if (value === undefined) {
      value = graph.input(`i${feeds.length}`, cell.dtype as ElementType, shape);
      feeds.push({ name: value.name, leaf, shape });
      fed.set(key, value);
    }
    return value;
  };

  for (const call of kernels) {
    const { kernel, attributes, inputs, outputs } = call.signature;
    let position = 0;
    const values = inputs.map((input) => {
      if (input === undefined) return undefined;
      const cell = call.inputs[position++]!;
      numElements += sizeOf(input.shape);
      if (cell.producer === null) return feed(cell, input.shape);
      return graph.reshape(emitted[cell.producer.index]![cell.outputIndex]!, input.shape);
    });
    const returned = kernel.emit(graph, values as Value[], attributes, outputs);
    const list = Array.isArray(returned) ? (returned as readonly Value[]) : [returned as Value];
    emitted.push(list.map((value, i) => conform(graph, call, value, i)));
    for (const output of outputs) numElements += sizeOf(output.shape);
  }

  const outputs = results.map((cell) => graph.output(emitted[cell.producer!.index]![cell.outputIndex]!));
  return { graph, feeds, outputs, numElements };
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
