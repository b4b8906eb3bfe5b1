import { Worker } from 'node:worker_threads';
import { InputError } from '@qb-heat/core';
import type { ImageShape } from './image-dataset.ts';
import { pixelWorkerSource } from './pixel-work.ts';
import type { PixelTask, PixelWorkerData } from './pixel-work.ts';

interface Pending {
  readonly resolve: (pixels: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that prepares the pixels of batches while this one computes. The images are copied once, to memory that both
 * share. An idle worker doesn't keep the process from ending.
 */
export class PixelWorker {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #numTasks = 0;
  #end: Error | undefined;

  constructor(images: Uint8Array, shape: ImageShape) {
    const shared = new Uint8Array(new SharedArrayBuffer(images.length));
    shared.set(images);
    const { height, width, numChannels } = shape;
    const workerData: PixelWorkerData = { images: shared, shape: { height, width, numChannels } };
    this.#worker = new Worker(pixelWorkerSource, { eval: true, workerData });
    this.#worker.unref();
    this.#worker.on('message', ({ id, pixels }: { id: number; pixels: Float32Array }) => {
      this.#settle(id)?.resolve(pixels);
    });
    this.#worker.on('error', (error) => this.#fail(error));
  }

  /** The pixels of a batch from 0 to 1, `[items, height, width, numChannels]`. */
  prepare(task: PixelTask): Promise<Float32Array> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const id = this.#numTasks++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ ...task, id }, []);
    });
  }

  /** Ends the thread; what it had not finished is rejected. */
  async close(): Promise<void> {
    this.#fail(new InputError('prefetched batches: closed'));
    await this.#worker.terminate();
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    // While it is being ended it holds the process: whoever awaits that has to be told.
    if (this.#pending.size === 0 && this.#end === undefined) this.#worker.unref();
    return pending;
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(error);
  }
}
