import type { Constant, GraphBuilder } from '../graph/graph-builder.ts';

/** Offsets are rounded up to this, so that a runtime may map the file into memory. */
const ALIGNMENT = 4096;

/** Smaller constants stay inside the model. */
const MIN_BYTES = 1024;

/** ONNX's description of where a constant lies. */
type ExternalLocation = Readonly<Record<'location' | 'offset' | 'length', string>>;

export interface ExternalData {
  readonly bytes: Uint8Array;
  readonly locationOf: (constant: Constant) => ExternalLocation | null;
}

/** Lays the large constants of a graph out in one file, named `location` as seen from the model. */
export function layOutExternalData(graph: GraphBuilder, location: string): ExternalData {
  const offsets = new Map<string, number>();
  let length = 0;
  const large = [...graph.constants.values()].filter(({ data }) => data.byteLength >= MIN_BYTES);
  for (const { name, data } of large) {
    const offset = Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    offsets.set(name, offset);
    length = offset + data.byteLength;
  }
  const bytes = new Uint8Array(length);
  for (const { name, data } of large) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offsets.get(name));
  }
  const locationOf = ({ name, data }: Constant): ExternalLocation | null => {
    const offset = offsets.get(name);
    return offset === undefined ? null : { location, offset: String(offset), length: String(data.byteLength) };
  };
  return { bytes, locationOf };
}
