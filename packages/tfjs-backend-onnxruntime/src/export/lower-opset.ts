import type { GraphBuilder, GraphNode } from '../graph/graph-builder.ts';

/** Versions of ONNX's operator set that a model can be written for. */
export const OPSETS = [17, 18, 19, 20, 21] as const;
export type Opset = (typeof OPSETS)[number];

/** Operators that came into ONNX after the first of `OPSETS`, with the set that brought them. */
const INTRODUCED: Readonly<Record<string, Opset>> = {
  AffineGrid: 20,
  BitwiseAnd: 18,
  BitwiseNot: 18,
  BitwiseOr: 18,
  BitwiseXor: 18,
  CenterCropPad: 18,
  Col2Im: 18,
  DeformConv: 19,
  Gelu: 20,
  GroupNormalization: 21,
  ImageDecoder: 20,
  Mish: 18,
  RegexFullMatch: 20,
  StringConcat: 20,
  StringSplit: 20,
};

/** Reductions that take their axes as an input from opset 18 on, and as an attribute before. ReduceSum did so earlier. */
const REDUCTIONS = new Set(
  ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map((name) => `Reduce${name}`),
);

/**
 * Rewrites a graph, whose nodes have the forms of opset 21, for an older set: the forms that the backend's kernels use
 * are put into their older ones, the others have not changed since opset 17.
 *
 * @throws an Error for an operator that the older set lacks.
 */
export function lowerOpset(graph: GraphBuilder, opset: Opset): void {
  for (const [index, node] of graph.nodes.entries()) {
    if (node.domain === '') graph.nodes[index] = lowerNode(graph, node, opset);
  }
}

function lowerNode(graph: GraphBuilder, node: GraphNode, opset: Opset): GraphNode {
  const { opType } = node;
  const introduced = INTRODUCED[opType];
  if (introduced !== undefined && opset < introduced) {
    throw new Error(
      `exportOnnx: the function uses ${opType}, which ONNX has from opset ${introduced} on, got opset ${opset}`,
    );
  }
  if (opset < 18 && REDUCTIONS.has(opType)) return withAxesAttribute(graph, node, opset);
  // Without sizes, the outputs share the axis evenly in either form.
  if (opset < 18 && opType === 'Split') return withoutAttribute(node, 'num_outputs');
  if (opset < 19 && opType === 'AveragePool') {
    const { dilations } = node.attributes;
    if ((dilations as readonly number[] | undefined)?.some((step) => step !== 1)) {
      throw new Error(`exportOnnx: the function uses AveragePool with dilations, which needs opset 19, got ${opset}`);
    }
    return withoutAttribute(node, 'dilations');
  }
  return node;
}

function withAxesAttribute(graph: GraphBuilder, node: GraphNode, opset: Opset): GraphNode {
  const [x, axesName] = node.inputs;
  if (axesName === undefined || axesName === '') return node;
  const axes = [...graph.constants.values()].find(({ name }) => name === axesName);
  if (axes === undefined) {
    throw new Error(`exportOnnx: the axes of ${node.opType} are computed, which needs opset 18, got ${opset}`);
  }
  const values = Array.from(axes.data as BigInt64Array, Number);
  return { ...node, inputs: [x!], attributes: { ...node.attributes, axes: values } };
}

function withoutAttribute(node: GraphNode, name: string): GraphNode {
  const { [name]: _, ...attributes } = node.attributes;
  return { ...node, attributes };
}
