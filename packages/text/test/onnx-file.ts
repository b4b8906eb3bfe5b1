/** As much of ONNX's protocol buffers as a model of a few nodes takes, written by hand: no library is asked to read itself. */
type Field = readonly [number, number | string | Uint8Array];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}

function message(...fields: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number') {
      bytes.push(...varint(number << 3), ...varint(value));
    } else {
      const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      bytes.push(...varint((number << 3) | 2), ...varint(content.length), ...content);
    }
  }
  return Uint8Array.from(bytes);
}

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
}

export interface OnnxValue {
  readonly name: string;
  /** 1 float32, 6 int32, 7 int64. */
  readonly type: number;
  /** Names stand for lengths that vary. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Constants, float32. */
  readonly constants: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: readonly number[];
  }[];
}

/** The bytes of an ONNX file. */
export function onnxFile({ nodes, inputs, outputs, constants }: OnnxGraph): Uint8Array {
  const graph = message(
    ...nodes.map(({ type, inputs: from, output }): Field => [
      1,
      message(...from.map((name): Field => [1, name]), [2, output], [4, type]),
    ]),
    [2, 'graph'],
    ...constants.map(({ name, shape, values }): Field => [
      5,
      message(
        ...shape.map((size): Field => [1, size]),
        [2, 1],
        [8, name],
        [9, new Uint8Array(Float32Array.from(values).buffer)],
      ),
    ]),
    ...inputs.map((value): Field => [11, valueInfo(value)]),
    ...outputs.map((value): Field => [12, valueInfo(value)]),
  );
  return message([1, 8], [8, message([2, 17])], [7, graph]);
}

function valueInfo({ name, type, shape }: OnnxValue): Uint8Array {
  const dims = shape.map((size): Field => [1, message(typeof size === 'number' ? [1, size] : [2, size])]);
  return message([1, name], [2, message([1, message([1, type], [2, message(...dims)])])]);
}
