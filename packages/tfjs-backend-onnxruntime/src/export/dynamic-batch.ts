import { haveSameShape } from '../graph/element-type.ts';
import { type Constant, GraphBuilder, type GraphNode, type Value } from '../graph/graph-builder.ts';

/** The graph of a function at one batch size. */
export interface BatchTrace {
  readonly batchSize: number;
  readonly graph: GraphBuilder;
}

/** Where the batch size is read from when the model runs. */
export interface BatchSource {
  readonly input: string;
  readonly axis: number;
}

export interface DynamicGraph {
  readonly graph: GraphBuilder;
  /** The name of an axis whose length follows the batch size, or null for a fixed one. */
  readonly axisName: (value: Value, axis: number) => string | null;
}

/**
 * One graph for every batch size, from traces at three of them. Where the traces differ, which is in the constants that
 * hold shapes and positions, two give each number as p * batch + q, the third has to confirm it, and the graph computes
 * it from the shape of an input.
 *
 * @throws an Error where the function does something else for another batch size.
 */
export function mergeTraces(traces: readonly [BatchTrace, BatchTrace, BatchTrace], source: BatchSource): DynamicGraph {
  const [first, second, third] = traces;
  checkSameStructure(first.graph, second.graph);
  checkSameStructure(first.graph, third.graph);

  const graph = new GraphBuilder(first.graph.target);
  graph.inputs.push(...first.graph.inputs);
  graph.outputs.push(...first.graph.outputs);
  const dynamic = new DynamicConstants(graph, source);
  const others = [second.graph, third.graph].map((other) => Array.from(other.constants.values()));
  for (const [i, constant] of [...first.graph.constants.values()].entries()) {
    const versions = [constant, others[0]![i]!, others[1]![i]!] as const;
    if (versions.every((version) => isSameConstant(version, constant))) graph.constants.set(constant.name, constant);
    else dynamic.add(traces, versions);
  }
  graph.nodes.push(...first.graph.nodes);

  const lengthsOf = (value: Value, axis: number): number[] => traces.map((trace) => lengthOf(trace, value, axis));
  const axisName = (value: Value, axis: number): string | null => {
    const { factor, offset } = fitLine(traces, lengthsOf(value, axis), value.name);
    if (factor === 0) return null;
    const scaled = factor === 1 ? 'batch' : `${factor}*batch`;
    return offset === 0 ? scaled : `${scaled}+${offset}`;
  };
  return { graph, axisName };
}

function lengthOf({ graph: { inputs, outputs } }: BatchTrace, { name }: Value, axis: number): number {
  const value = inputs.find((input) => input.name === name) ?? outputs.find((output) => output.name === name)!;
  return value.shape[axis]!;
}

/** Writes constants that depend on the batch size as nodes that compute them. */
class DynamicConstants {
  private readonly graph: GraphBuilder;
  private readonly source: BatchSource;
  /** The name of the batch size, a scalar, once a node computes it. */
  private batch: string | null = null;
  private numAdded = 0;

  constructor(graph: GraphBuilder, source: BatchSource) {
    this.graph = graph;
    this.source = source;
  }

  add(traces: readonly BatchTrace[], versions: readonly Constant[]): void {
    const [constant] = versions as [Constant];
    if (constant.dtype === 'int64' && versions.every(({ shape }) => haveSameShape(shape, constant.shape))) {
      const lists = versions.map(({ data }) => [...(data as BigInt64Array)].map(Number));
      this.addInt64s(traces, constant.name, lists, constant.shape);
      return;
    }
    const [value] = constant.data;
    const isUniform = versions.every(({ data }) => data.every((element: number | bigint) => element === value));
    if (!isUniform || versions.some(({ shape }) => shape.length !== constant.shape.length)) {
      throw new Error(
        `exportOnnx: the function makes other values for another batch size (${constant.dtype} of shape ` +
          `[${constant.shape.join(', ')}]); compute them from the inputs, or export with batchAxis: null`,
      );
    }
    // All one value, in a shape that follows the batch size.
    const shapeName = this.name();
    const shapes = versions.map(({ shape }) => [...shape]);
    this.addInt64s(traces, shapeName, shapes, [constant.shape.length]);
    const scalar = this.graph.namedConstant(this.name(), constant.data.slice(0, 1), constant.dtype, []);
    this.push('Expand', [scalar.name, shapeName], constant.name);
  }

  /** factors * batch + offsets. */
  private addInt64s(
    traces: readonly BatchTrace[],
    name: string,
    lists: readonly (readonly number[])[],
    shape: readonly number[],
  ): void {
    const lines = lists[0]!.map((_, i) =>
      fitLine(
        traces,
        lists.map((list) => list[i]!),
        name,
      ),
    );
    const [factors, offsets] = (['factor', 'offset'] as const).map((part) => {
      const data = BigInt64Array.from(lines, (line) => BigInt(line[part]));
      return this.graph.namedConstant(this.name(), data, 'int64', shape).name;
    });
    const scaled = this.name();
    this.push('Mul', [factors!, this.batchScalar()], scaled);
    this.push('Add', [scaled, offsets!], name);
  }

  private batchScalar(): string {
    if (this.batch === null) {
      const [lengths, index] = [this.name(), this.name()];
      this.push('Shape', [this.source.input], lengths);
      this.graph.namedConstant(index, BigInt64Array.of(BigInt(this.source.axis)), 'int64', []);
      this.batch = this.name();
      this.push('Gather', [lengths, index], this.batch);
    }
    return this.batch;
  }

  private push(opType: string, inputs: readonly string[], output: string): void {
    const node: GraphNode = { opType, domain: '', inputs, outputs: [output], attributes: {} };
    this.graph.nodes.push(node);
  }

  private name(): string {
    return `_b${this.numAdded++}`;
  }
}

interface Line {
  readonly factor: number;
  readonly offset: number;
}

/** The whole numbers with which values[i] = factor * batchSize[i] + offset. */
function fitLine(traces: readonly BatchTrace[], values: readonly number[], name: string): Line {
  const [a, b, c] = traces as [BatchTrace, BatchTrace, BatchTrace];
  const factor = (values[1]! - values[0]!) / (b.batchSize - a.batchSize);
  const offset = values[0]! - factor * a.batchSize;
  if (!Number.isInteger(factor) || factor * c.batchSize + offset !== values[2]!) {
    throw new Error(
      `exportOnnx: a length (${name}) is ${values.join(', ')} for batches of ` +
        `${traces.map(({ batchSize }) => batchSize).join(', ')}, which no line goes through; export with batchAxis: null`,
    );
  }
  return { factor, offset };
}

function checkSameStructure(a: GraphBuilder, b: GraphBuilder): void {
  if (describeStructure(a) !== describeStructure(b)) {
    throw new Error(
      'exportOnnx: the function takes other steps for another batch size; export with batchAxis: null for a fixed one',
    );
  }
}

function describeStructure(graph: GraphBuilder): string {
  const constants = [...graph.constants.values()].map(({ name, dtype }) => [name, dtype]);
  return JSON.stringify([graph.nodes, constants, graph.outputs.map(({ name }) => name)]);
}

function isSameConstant(a: Constant, b: Constant): boolean {
  if (!haveSameShape(a.shape, b.shape)) return false;
  return a.data === b.data || a.data.every((element: number | bigint, i: number) => Object.is(element, b.data[i]));
}
