import { InputError } from '@qb-heat/core';
import { z } from 'zod';

// The format of https://github.com/huggingface/safetensors: the length of the header as 64 bits little-endian, the
// header as JSON, then the tensors' bytes without gaps.

const arrayTypes = {
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  I16: Int16Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
  U64: BigUint64Array,
};

type ElementType = keyof typeof arrayTypes;

export type SafetensorsArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** One tensor in row-major order; the kind of `data` is the element type in the file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: SafetensorsArray;
}

/** The content of one safetensors file. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const lengthBytes = 8;
const metadataKey = '__metadata__';

/** The bytes of a safetensors file, which any safetensors library reads. Throws when a shape doesn't fit its data. */
export function encodeSafetensors({ metadata, tensors }: Safetensors): Uint8Array {
  const header = new Map<string, unknown>([[metadataKey, metadata]]);
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === metadataKey) throw new Error(`encodeSafetensors: a tensor cannot be named ${metadataKey}`);
    if (data.length !== numElements(shape)) {
      throw new Error(`encodeSafetensors: ${name} has shape [${shape.join(', ')}] but ${data.length} elements`);
    }
    const begin = end;
    end += data.byteLength;
    header.set(name, { dtype: typeOf(data), shape, data_offsets: [begin, end] });
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  // Spaces after the JSON let the tensors start at a multiple of 8, so that readers can map them in place.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(lengthBytes + headerBytes + end);
  bytes.writeBigUInt64LE(BigInt(headerBytes), 0);
  bytes.fill(' ', lengthBytes, lengthBytes + headerBytes);
  json.copy(bytes, lengthBytes);
  let offset = lengthBytes + headerBytes;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
// Maps, because a record as zod reads it has no entry named `__proto__`, and a file may.
const headerSchema = z.map(z.string(), entrySchema);
const metadataSchema = z.map(z.string(), z.string());

/**
 * Reads the bytes of a safetensors file; the arrays returned are copies.
 *
 * @param source names the file in errors.
 * Throws an `InputError` when the bytes are truncated, corrupt or hold an element type that JavaScript has no array for.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Safetensors {
  const fail = (problem: string): never => {
    throw new InputError(`${source}: not a valid safetensors file: ${problem}`);
  };
  if (bytes.length < lengthBytes) fail(`${bytes.length} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = lengthBytes + Number(view.getBigUint64(0, true));
  if (dataStart > bytes.length) fail(`its header should end at byte ${dataStart}, the file ends at ${bytes.length}`);

  const { metadata, entries } = parseHeader(bytes.subarray(lengthBytes, dataStart), fail);
  const tensors = new Map<string, StoredTensor>();
  let expectedBegin = 0;
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [begin, end] = data_offsets;
    if (!(dtype in arrayTypes)) fail(`${name} has element type ${dtype}, which is not supported`);
    const ArrayType = arrayTypes[dtype as ElementType];
    const numBytes = numElements(shape) * ArrayType.BYTES_PER_ELEMENT;
    if (begin !== expectedBegin || end - begin !== numBytes) {
      fail(
        `${name} ${dtype} [${shape.join(', ')}] lies at bytes ${begin} to ${end}, expected ${expectedBegin} to ${expectedBegin + numBytes}`,
      );
    }
    expectedBegin = end;
    if (dataStart + end > bytes.length) fail(`${name} ends at byte ${dataStart + end}, the file at ${bytes.length}`);
    // Copied, because a typed array has to start at a multiple of its element size.
    const tensorBytes = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data: new ArrayType(tensorBytes.buffer) });
  }
  if (dataStart + expectedBegin !== bytes.length) {
    fail(`its tensors end at byte ${dataStart + expectedBegin}, the file at ${bytes.length}`);
  }
  return { metadata, tensors };
}

type Entry = [name: string, entry: z.infer<typeof entrySchema>];

/** The metadata and the tensors' entries in the order of their bytes. */
function parseHeader(
  header: Uint8Array,
  fail: (problem: string) => never,
): { metadata: Record<string, string>; entries: Entry[] } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    return fail('its header is not JSON');
  }
  const { [metadataKey]: metadata = {}, ...entries } = (json ?? {}) as Record<string, unknown>;
  const parsedMetadata = metadataSchema.safeParse(toMap(metadata));
  if (!parsedMetadata.success) return fail(`${metadataKey} must map strings to strings`);
  const parsed = headerSchema.safeParse(toMap(entries));
  if (!parsed.success) return fail(`its header is malformed at ${parsed.error.issues[0]?.path.join('.')}`);
  return {
    metadata: Object.fromEntries(parsedMetadata.data),
    entries: [...parsed.data].toSorted(
      ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
    ),
  };
}

/** The entries of a JSON object; what is none stays as it is, to be refused. */
function toMap(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : value;
}

function typeOf(data: SafetensorsArray): ElementType {
  const types = Object.keys(arrayTypes) as ElementType[];
  return types.find((type) => data instanceof arrayTypes[type]) as ElementType;
}

function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
