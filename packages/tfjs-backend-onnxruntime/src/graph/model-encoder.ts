import protobuf from 'protobufjs/light.js';
import { ELEMENT_TYPE_CODES, type ElementType } from './element-type.ts';
import type { Attribute, Constant, GraphBuilder, GraphNode, Value } from './graph-builder.ts';

/** The set of ONNX's operators that graphs are written against. */
export const OPSET = 21;

/** The version of the file format that came with each operator set. */
const IR_VERSIONS: Readonly<Record<number, number>> = { 17: 8, 18: 8, 19: 9, 20: 9, [OPSET]: 10 };

/** `AttributeProto.AttributeType` numbers of the ONNX specification. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 } as const;
const EXTERNAL_LOCATION = 1;

/** The part of `onnx.proto` that is written here, with the field numbers of the specification. */
const { nested: messages } = protobuf.Root.fromJSON({
  nested: {
    OperatorSetId: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    StringEntry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Tensor: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
        externalData: { rule: 'repeated', type: 'StringEntry', id: 13 },
        dataLocation: { type: 'int32', id: 14 },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        ints: { rule: 'repeated', type: 'int64', id: 8 },
        type: { type: 'int32', id: 20 },
      },
    },
    Node: {
      fields: {
        input: { rule: 'repeated', type: 'string', id: 1 },
        output: { rule: 'repeated', type: 'string', id: 2 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: 'repeated', type: 'Attribute', id: 5 },
        domain: { type: 'string', id: 7 },
      },
    },
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
    Shape: { fields: { dim: { rule: 'repeated', type: 'Dimension', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } } },
    SequenceType: { fields: { elemType: { type: 'Type', id: 1 } } },
    Type: { fields: { tensorType: { type: 'TensorType', id: 1 }, sequenceType: { type: 'SequenceType', id: 4 } } },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'Type', id: 2 } } },
    Graph: {
      fields: {
        node: { rule: 'repeated', type: 'Node', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'Tensor', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfo', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfo', id: 12 },
      },
    },
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OperatorSetId', id: 8 },
      },
    },
  },
}) as unknown as { nested: { Model: protobuf.Type } };

export interface EncodeOptions {
  /** Adds a first output of this name: an empty sequence of tensors. */
  readonly sequenceOutput?: string;
  readonly producerName?: string;
  /** The operator set whose forms the nodes have; 21 unless given. */
  readonly opset?: number;
  /** Operator domains besides the standard ones that the graph may use. */
  readonly extraDomains?: readonly string[];
  /** Names an axis of an input or output instead of fixing its length. */
  readonly axisName?: (value: Value, axis: number) => string | null;
  /** Where a constant lies in an external file, or null for inside the model. */
  readonly externalLocation?: (constant: Constant) => Readonly<Record<string, string>> | null;
}

/** Serialises a graph as an ONNX `ModelProto`. */
export function encodeModel(graph: GraphBuilder, options: EncodeOptions = {}): Uint8Array {
  const { sequenceOutput, opset = OPSET } = options;
  const outputs = graph.outputs.map((value) => describeValue(value, options));
  const { nodes: needed, constants } = findNeeded(graph);
  const nodes = needed.map((node) => describeNode(node));
  if (sequenceOutput !== undefined) {
    outputs.unshift({ name: sequenceOutput, type: { sequenceType: { elemType: describeType('float32', []) } } });
    nodes.unshift({ input: [], output: [sequenceOutput], opType: 'SequenceEmpty' });
  }
  const domains = ['com.microsoft', ...(options.extraDomains ?? [])].map((domain) => ({ domain, version: 1 }));
  return messages.Model.encode({
    irVersion: IR_VERSIONS[opset],
    producerName: options.producerName ?? 'tfjs-backend-onnxruntime',
    opsetImport: [{ domain: '', version: opset }, ...domains],
    graph: {
      name: 'tfjs',
      node: nodes,
      initializer: constants.map((constant) => describeConstant(constant, options)),
      input: graph.inputs.map((value) => describeValue(value, options)),
      output: outputs,
    },
  }).finish();
}

/** What the outputs need: a kernel may have written down a result that nobody uses. */
function findNeeded(graph: GraphBuilder): { nodes: GraphNode[]; constants: Constant[] } {
  const names = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.toReversed().filter((node) => {
    const isNeeded = node.outputs.some((name) => names.has(name));
    if (isNeeded) for (const name of node.inputs) names.add(name);
    return isNeeded;
  });
  return { nodes: nodes.toReversed(), constants: [...graph.constants.values()].filter(({ name }) => names.has(name)) };
}

function describeNode(node: GraphNode): object {
  return {
    input: node.inputs,
    output: node.outputs,
    opType: node.opType,
    domain: node.domain,
    attribute: Object.entries(node.attributes).map(([name, value]) => describeAttribute(name, value)),
  };
}

function describeAttribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE_TYPES.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: ATTRIBUTE_TYPES.string };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPES.float };
  return { name, ints: value, type: ATTRIBUTE_TYPES.ints };
}

function describeConstant(constant: Constant, options: EncodeOptions): object {
  const { name, dtype, shape, data } = constant;
  const description = { name, dims: shape, dataType: ELEMENT_TYPE_CODES[dtype] };
  const location = options.externalLocation?.(constant) ?? null;
  if (location === null) {
    return { ...description, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  }
  const externalData = Object.entries(location).map(([key, value]) => ({ key, value }));
  return { ...description, externalData, dataLocation: EXTERNAL_LOCATION };
}

function describeValue(value: Value, options: EncodeOptions): object {
  const dim = value.shape.map((length, axis) => {
    const dimParam = options.axisName?.(value, axis) ?? null;
    return dimParam === null ? { dimValue: length } : { dimParam };
  });
  return { name: value.name, type: describeType(value.dtype, dim) };
}

function describeType(dtype: ElementType, dim: readonly object[]): object {
  return { tensorType: { elemType: ELEMENT_TYPE_CODES[dtype], shape: { dim } } };
}
