import type { DataType } from '@tensorflow/tfjs';

/** The ONNX element types that graphs of this backend are made of. */
export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool';

/** `TensorProto.DataType` numbers of the ONNX specification. */
export const ELEMENT_TYPE_CODES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

const BYTES: Readonly<Record<ElementType, number>> = { float32: 4, float64: 8, int32: 4, int64: 8, uint8: 1, bool: 1 };

/** The bytes that values of this type and shape take. */
export function bytesOf(dtype: ElementType, shape: readonly number[]): number {
  return BYTES[dtype] * sizeOf(shape);
}

/** The tfjs types whose values live in typed arrays and so can enter a graph; strings and complex numbers cannot. */
export type DenseType = 'float32' | 'int32' | 'bool';

export type DenseValues = Float32Array | Int32Array | Uint8Array;

export function isDenseType(dtype: DataType): dtype is DenseType {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}

/** A zero-filled array for `length` values of `dtype`, laid out as ONNX Runtime reads it. */
export function allocateValues(dtype: DenseType, length: number): DenseValues {
  if (dtype === 'float32') return new Float32Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}

/** The values in the array type of `dtype`: themselves where they are in it already. */
export function toDenseValues(dtype: DenseType, values: ArrayLike<number>): DenseValues {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Uint8Array ? values : Uint8Array.from(values);
}

/** The number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

export function haveSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}
