import { allocateValues, type DenseType, type DenseValues } from '../graph/element-type.ts';

/**
 * Keeps the memory of disposed tensors for later results of the same type and length. A training step disposes of the
 * old variables and asks for as many new ones, so that it ends up swapping two buffers per variable: nothing is
 * allocated, and no page of fresh memory is touched for the first time.
 */
export class BufferPool {
  private readonly free = new Map<string, DenseValues[]>();
  private readonly maxBytes: number;
  private bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get numBytes(): number {
    return this.bytes;
  }

  /** An array of `length` values with arbitrary content. */
  take(dtype: DenseType, length: number): DenseValues {
    const key = poolKey(dtype, length);
    const values = this.free.get(key)?.pop();
    if (values === undefined) return allocateValues(dtype, length);
    this.bytes -= values.byteLength;
    return values;
  }

  /** Hands an array back; when the pool is full, the kind that has waited longest is dropped. */
  give(dtype: DenseType, values: DenseValues): void {
    if (values.byteLength > this.maxBytes) return;
    const key = poolKey(dtype, values.length);
    const waiting = this.free.get(key) ?? [];
    waiting.push(values);
    this.free.delete(key);
    this.free.set(key, waiting);
    this.bytes += values.byteLength;
    for (const [oldest, arrays] of this.free) {
      if (this.bytes <= this.maxBytes) break;
      for (const array of arrays) this.bytes -= array.byteLength;
      this.free.delete(oldest);
    }
  }

  clear(): void {
    this.free.clear();
    this.bytes = 0;
  }
}

function poolKey(dtype: DenseType, length: number): string {
  return `${dtype}:${length}`;
}
