import { bytesOf, ELEMENT_TYPE_CODES, type ElementType, haveSameShape, sizeOf } from './element-type.ts';

/** One edge of an ONNX graph under construction: an output of a node, a graph input or a constant. */
export interface Value {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

/** A float attribute; a bare number is written as an integer one, since ONNX tells them apart. */
interface FloatAttribute {
  readonly float: number;
}

export type Attribute = number | string | readonly number[] | FloatAttribute;
export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphNode {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export type ConstantData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

export interface Constant extends Value {
  readonly data: ConstantData;
}

interface NodeOptions {
  readonly attributes?: Attributes;
  /** Empty for ONNX's own operators. */
  readonly domain?: string;
  /** Defaults to the shape of the first input. */
  readonly shape?: readonly number[];
  /** Defaults to the type of the first input. */
  readonly dtype?: ElementType;
}

interface OutputSpec {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

/** What may be used besides ONNX's own operators. */
export interface GraphTarget {
  /** Whether the operators that ONNX Runtime adds under `com.microsoft` may be used. */
  readonly hasRuntimeOperators: boolean;
  /** Channels to a group in ONNX Runtime's blocked picture layout, or null where that layout may not be used. */
  readonly channelBlock: number | null;
}

const CONSTANT_ARRAYS = {
  float32: (values: readonly number[]) => Float32Array.from(values),
  float64: (values: readonly number[]) => Float64Array.from(values),
  int32: (values: readonly number[]) => Int32Array.from(values),
  int64: (values: readonly number[]) => BigInt64Array.from(values, (value) => BigInt(value)),
  uint8: (values: readonly number[]) => Uint8Array.from(values),
  bool: (values: readonly number[]) => Uint8Array.from(values),
} as const;

/**
 * Collects the nodes of one ONNX graph in execution order. Kernels call it to write themselves down, see
 * `OnnxKernel.emit`. Shapes are carried along, so that a kernel can choose its form by them; equal constants and
 * equal reshapes of one value are written once.
 */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly constants = new Map<string, Constant>();
  readonly target: GraphTarget;
  private readonly reshapes = new Map<string, Value>();
  /** Bytes of the outputs of nodes by their names; inputs and constants are apart. */
  readonly produced = new Map<string, number>();

  constructor(target: GraphTarget) {
    this.target = target;
  }

  /** Declares a graph input. */
  input(name: string, dtype: ElementType, shape: readonly number[]): Value {
    const value = { name, dtype, shape };
    this.inputs.push(value);
    return value;
  }

  /** Declares `value` as a graph output, through an Identity node where a graph may not return it directly. */
  output(value: Value, name?: string): Value {
    const isProduced = this.produced.has(value.name);
    const isTaken = this.outputs.some((output) => output.name === value.name);
    let result = value;
    if (!isProduced || isTaken || (name !== undefined && name !== value.name)) {
      result = { name: name ?? this.nextName(value), dtype: value.dtype, shape: value.shape };
      this.nodes.push({
        opType: 'Identity',
        domain: '',
        inputs: [value.name],
        outputs: [result.name],
        attributes: {},
      });
    }
    this.outputs.push(result);
    return result;
  }

  /** Adds a node with one output. `null` inputs are optional inputs left out. */
  node(opType: string, inputs: readonly (Value | null)[], options: NodeOptions = {}): Value {
    const first = inputs[0];
    const dtype = options.dtype ?? first?.dtype;
    const shape = options.shape ?? first?.shape;
    if (dtype === undefined || shape === undefined) throw new Error(`${opType}: dtype and shape must be given`);
    return this.nodeWithOutputs(opType, inputs, [{ dtype, shape }], options)[0]!;
  }

  /** Adds a node with any number of outputs. */
  nodeWithOutputs(
    opType: string,
    inputs: readonly (Value | null)[],
    outputs: readonly OutputSpec[],
    options: Pick<NodeOptions, 'attributes' | 'domain'> = {},
  ): Value[] {
    const values = outputs.map(({ dtype, shape }) => ({ name: this.nextName({ dtype, shape }), dtype, shape }));
    this.nodes.push({
      opType,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: values.map((value) => value.name),
      attributes: options.attributes ?? {},
    });
    return values;
  }

  /** A constant of the graph; the shape defaults to one axis that holds all values. */
  constant(
    values: readonly number[] | ConstantData,
    dtype: ElementType,
    shape: readonly number[] = [values.length],
  ): Value {
    const data = Array.isArray(values) ? CONSTANT_ARRAYS[dtype](values) : (values as ConstantData);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const key = `${dtype}:${shape.join(',')}:${bytes.toString('latin1')}`;
    let constant = this.constants.get(key);
    if (constant === undefined) {
      constant = { name: `_c${this.constants.size}`, dtype, shape, data };
      this.constants.set(key, constant);
    }
    return constant;
  }

  /** A constant under a name of its own, such as a model's weight. */
  namedConstant(name: string, data: ConstantData, dtype: ElementType, shape: readonly number[]): Value {
    const constant = { name, dtype, shape, data };
    this.constants.set(`named:${name}`, constant);
    return constant;
  }

  scalar(value: number, dtype: ElementType): Value {
    return this.constant([value], dtype, []);
  }

  /** A one-dimensional int64 constant, the form in which ONNX takes shapes, axes and positions. */
  int64s(values: readonly number[]): Value {
    return this.constant(values, 'int64');
  }

  reshape(value: Value, shape: readonly number[]): Value {
    if (haveSameShape(value.shape, shape)) return value;
    const key = `${value.name}:${shape.join(',')}`;
    let result = this.reshapes.get(key);
    if (result === undefined) {
      // Without allowzero, ONNX reads a 0 in the shape as "copy this length from the input".
      const attributes = sizeOf(shape) === 0 ? { allowzero: 1 } : {};
      result = this.node('Reshape', [value, this.int64s(shape)], { shape, attributes });
      this.reshapes.set(key, result);
    }
    return result;
  }

  cast(value: Value, dtype: ElementType): Value {
    if (value.dtype === dtype) return value;
    return this.node('Cast', [value], { dtype, attributes: { to: ELEMENT_TYPE_CODES[dtype] } });
  }

  transpose(value: Value, perm: readonly number[]): Value {
    if (perm.every((axis, i) => axis === i)) return value;
    return this.node('Transpose', [value], {
      shape: perm.map((axis) => value.shape[axis]!),
      attributes: { perm },
    });
  }

  private nextName({ dtype, shape }: OutputSpec): string {
    const name = `_${this.produced.size}`;
    this.produced.set(name, bytesOf(dtype, shape));
    return name;
  }
}
