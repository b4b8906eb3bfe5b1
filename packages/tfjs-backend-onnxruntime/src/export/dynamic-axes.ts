import { haveSameShape } from '../graph/element-type.ts';
import { type Constant, GraphBuilder, type Value } from '../graph/graph-builder.ts';
import { fitMultilinear, formatMultilinear, type Multilinear, samplePoints, type VaryingAxis } from './multilinear.ts';

export interface DynamicGraph {
  readonly graph: GraphBuilder;
  /** The name of an axis whose length varies, or null for a fixed one. */
  readonly axisName: (value: Value, axis: number) => string | null;
}

/**
 * One graph for all lengths of the axes, from traces at each of `samplePoints`. Where the traces differ, which is in the
 * constants that hold shapes and positions, each number has to be linear in the length of every axis, and the graph
 * computes it from the shape of its first input.
 *
 * @throws an Error where the function does something else for other lengths.
 */
export function mergeTraces(traces: readonly GraphBuilder[], axes: readonly VaryingAxis[]): DynamicGraph {
  const first = traces[0]!;
  for (const other of traces.slice(1)) checkSameStructure(first, other, axes);

  const graph = new GraphBuilder(first.target);
  graph.inputs.push(...first.inputs);
  graph.outputs.push(...first.outputs);
  const dynamic = new DynamicConstants(graph, axes);
  const constants = traces.map((trace) => [...trace.constants.values()]);
  for (const [i, constant] of constants[0]!.entries()) {
    const versions = constants.map((list) => list[i]!);
    if (versions.every((version) => isSameConstant(version, constant))) graph.constants.set(constant.name, constant);
    else dynamic.add(versions);
  }
  graph.nodes.push(...first.nodes);

  const axisName = (value: Value, axis: number): string | null => {
    const lengths = traces.map((trace) => lengthOf(trace, value, axis));
    return formatMultilinear(axes, fitLengths(axes, lengths, value.name));
  };
  return { graph, axisName };
}

function lengthOf({ inputs, outputs }: GraphBuilder, { name }: Value, axis: number): number {
  const value = inputs.find((input) => input.name === name) ?? outputs.find((output) => output.name === name)!;
  return value.shape[axis]!;
}

/** Writes constants that depend on the lengths of axes as nodes that compute them. */
class DynamicConstants {
  private readonly graph: GraphBuilder;
  private readonly axes: readonly VaryingAxis[];
  /** Names of the products of axes' lengths, scalars, once nodes compute them; by sets of axes as in `Multilinear`. */
  private readonly products = new Map<number, string>();
  private numAdded = 0;

  constructor(graph: GraphBuilder, axes: readonly VaryingAxis[]) {
    this.graph = graph;
    this.axes = axes;
  }

  add(versions: readonly Constant[]): void {
    const constant = versions[0]!;
    if (constant.dtype === 'int64' && versions.every(({ shape }) => haveSameShape(shape, constant.shape))) {
      const lists = versions.map(({ data }) => [...(data as BigInt64Array)].map(Number));
      this.addInt64s(constant.name, lists, constant.shape);
      return;
    }
    const [value] = constant.data;
    const isUniform = versions.every(({ data }) => data.every((element: number | bigint) => element === value));
    if (!isUniform || versions.some(({ shape }) => shape.length !== constant.shape.length)) {
      throw new Error(
        `exportOnnx: the function makes other values for other lengths of ${nameAxes(this.axes)} (${constant.dtype} of ` +
          `shape [${constant.shape.join(', ')}]); compute them from the inputs, or leave the axis out of dynamicAxes`,
      );
    }
    // All one value, in a shape that varies.
    const shapeName = this.name();
    const shapes = versions.map(({ shape }) => [...shape]);
    this.addInt64s(shapeName, shapes, [constant.shape.length]);
    const scalar = this.graph.namedConstant(this.name(), constant.data.slice(0, 1), constant.dtype, []);
    this.push('Expand', [scalar.name, shapeName], constant.name);
  }

  /** The sum, over sets of axes, of coefficients times the product of their lengths. */
  private addInt64s(name: string, lists: readonly (readonly number[])[], shape: readonly number[]): void {
    const forms = lists[0]!.map((_, i) => {
      const values = lists.map((list) => list[i]!);
      return fitLengths(this.axes, values, name);
    });
    const coefficients = (set: number): string => {
      const data = BigInt64Array.from(forms, (form) => BigInt(form[set]!));
      return this.graph.namedConstant(this.name(), data, 'int64', shape).name;
    };
    const sets = forms[0]!.map((_, set) => set).filter((set) => set > 0 && forms.some((form) => form[set] !== 0));
    const terms = sets.map((set) => this.push('Mul', [coefficients(set), this.product(set)]));
    const [last, ...others] = terms.toReversed() as [string, ...string[]];
    const sum = others.reduce((total, term) => this.push('Add', [total, term]), last);
    this.push('Add', [sum, coefficients(0)], name);
  }

  /** The product of the lengths of a set of axes. */
  private product(set: number): string {
    let product = this.products.get(set);
    if (product === undefined) {
      const index = 31 - Math.clz32(set);
      const others = set ^ (1 << index);
      product = others === 0 ? this.length(index) : this.push('Mul', [this.product(others), this.product(1 << index)]);
      this.products.set(set, product);
    }
    return product;
  }

  private length(index: number): string {
    const lengths = this.push('Shape', [this.graph.inputs[0]!.name]);
    const place = this.graph.namedConstant(this.name(), BigInt64Array.of(BigInt(this.axes[index]!.axis)), 'int64', []);
    return this.push('Gather', [lengths, place.name]);
  }

  private push(opType: string, inputs: readonly string[], output = this.name()): string {
    this.graph.nodes.push({ opType, domain: '', inputs, outputs: [output], attributes: {} });
    return output;
  }

  private name(): string {
    return `_d${this.numAdded++}`;
  }
}

function fitLengths(axes: readonly VaryingAxis[], values: readonly number[], name: string): Multilinear {
  const form = fitMultilinear(axes, values);
  if (form !== null) return form;
  const points = samplePoints(axes).map((point) => point.join('×'));
  throw new Error(
    `exportOnnx: a length (${name}) is ${values.join(', ')} where ${nameAxes(axes)} is ${points.join(', ')}: that is not ` +
      'linear in whole numbers; leave the axis out of dynamicAxes for a fixed length',
  );
}

function checkSameStructure(a: GraphBuilder, b: GraphBuilder, axes: readonly VaryingAxis[]): void {
  if (describeStructure(a) === describeStructure(b)) return;
  throw new Error(
    `exportOnnx: the function takes other steps for other lengths of ${nameAxes(axes)}; leave the axis out of ` +
      'dynamicAxes for a fixed length',
  );
}

function describeStructure(graph: GraphBuilder): string {
  const constants = [...graph.constants.values()].map(({ name, dtype }) => [name, dtype]);
  return JSON.stringify([graph.nodes, constants, graph.outputs.map(({ name }) => name)]);
}

function isSameConstant(a: Constant, b: Constant): boolean {
  if (!haveSameShape(a.shape, b.shape)) return false;
  return a.data === b.data || a.data.every((element: number | bigint, i: number) => Object.is(element, b.data[i]));
}

function nameAxes(axes: readonly VaryingAxis[]): string {
  return axes.map(({ name }) => name).join('×');
}
