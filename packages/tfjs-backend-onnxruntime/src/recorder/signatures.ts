import type { DataType } from '@tensorflow/tfjs';
import { sizeOf } from '../graph/element-type.ts';
import type { OnnxKernel, TensorSpec } from '../kernels/onnx-kernel.ts';
import type { Signature } from './recorded-kernel.ts';

const DTYPE_CODES: Partial<Record<DataType, string>> = { float32: 'f', int32: 'i', bool: 'b' };
const MAX_SIGNATURES = 100_000;

/**
 * Gives equal kernel calls the same number. Shapes are inferred, and support is decided, once for each distinct call;
 * a repeated training step does neither.
 */
export class Signatures {
  private readonly known = new Map<string, Signature | null>();
  private numSignatures = 0;

  /**
   * The signature of a call, or null where the kernel has no ONNX form for these inputs.
   * @throws what the kernel's `infer` throws for inputs that don't fit together.
   */
  find(
    kernel: OnnxKernel,
    inputs: readonly (TensorSpec | undefined)[],
    attributes: unknown,
    numScalars: number,
  ): Signature | null {
    const key = callKey(kernel, inputs, attributes);
    let signature = this.known.get(key);
    if (signature === undefined) {
      signature = this.describe(kernel, inputs, attributes, numScalars);
      // Ids are never given twice, so graphs that are already compiled stay valid.
      if (this.known.size >= MAX_SIGNATURES) this.known.clear();
      this.known.set(key, signature);
    }
    return signature;
  }

  private describe(
    kernel: OnnxKernel,
    inputs: readonly (TensorSpec | undefined)[],
    attributes: unknown,
    numScalars: number,
  ): Signature | null {
    const specs = inputs.map((input) => input && { shape: [...input.shape], dtype: input.dtype });
    if (kernel.supports?.(specs as TensorSpec[], attributes) === false) return null;
    const inferred = kernel.infer(specs as TensorSpec[], attributes);
    const returnsList = Array.isArray(inferred);
    const outputs = returnsList ? (inferred as TensorSpec[]) : [inferred as TensorSpec];
    // What becomes of no elements at all (a sum of nothing, a maximum of nothing) is left to tfjs's own kernels.
    if (specs.some((spec) => isEmpty(spec)) && !outputs.every((output) => isEmpty(output))) return null;
    const scalars = Array.from({ length: numScalars }, (): TensorSpec => ({ shape: [], dtype: 'float32' }));
    return {
      id: this.numSignatures++,
      kernel,
      attributes,
      inputs: [...specs, ...scalars],
      outputs,
      returnsList,
    };
  }
}

function isEmpty(spec: TensorSpec | undefined): boolean {
  return spec !== undefined && sizeOf(spec.shape) === 0;
}

function callKey(kernel: OnnxKernel, inputs: readonly (TensorSpec | undefined)[], attributes: unknown): string {
  let key = kernel.kernelName;
  for (const input of inputs) {
    key += input === undefined ? '|' : `|${DTYPE_CODES[input.dtype]}${input.shape.join(',')}`;
  }
  const relevant = kernel.key === undefined ? attributes : kernel.key(attributes);
  return `${key}|${describeAttribute(relevant)}`;
}

/** Like JSON, but tells NaN, the infinities and absent values apart. */
function describeAttribute(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    return typeof value === 'string' ? `"${value}"` : String(value);
  }
  if (Array.isArray(value)) return `[${value.map((element) => describeAttribute(element)).join(',')}]`;
  let text = '{';
  for (const name of Object.keys(value)) {
    text += `${name}:${describeAttribute((value as Record<string, unknown>)[name])};`;
  }
  return `${text}}`;
}
