import { createRequire } from 'node:module';
import type { Tensor } from 'onnxruntime-node';
import { type InferenceSession } from 'onnxruntime-node';

/** Tensors by the names of a graph's inputs or outputs. */
export type NamedTensors = Record<string, Tensor>;

/** What is used here of the class that onnxruntime-node's own promise API wraps. */
interface BoundSession {
  loadModel(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    options: InferenceSession.SessionOptions,
  ): void;
  run(feeds: NamedTensors, fetches: Record<string, Tensor | null>, options: InferenceSession.RunOptions): NamedTensors;
  endProfiling(): void;
  dispose(): void;
}

interface Binding {
  binding: { InferenceSession: new () => BoundSession };
  initOrt: () => void;
}

const RUN_OPTIONS = {};

/**
 * The first output of every graph: a sequence, which the binding cannot hand to JavaScript.
 *
 * After a run the binding copies every result into a new array, also where it was given one to write into: 33 MB a step
 * for a ViT of 3 M parameters. It goes through the outputs in order and throws at the first that isn't a tensor, when
 * the results are in place and nothing has been copied yet.
 */
export const COPY_STOPPER = 'stop';
const COPY_STOPPED = 'Non tensor type is temporarily not supported';

let loaded: Binding | null = null;

/**
 * onnxruntime-node's public API is asynchronous in form only: its promise blocks the event loop all the same. The
 * binding below it is synchronous, which `dataSync` and per-kernel fallback need. It is internal to that package, so
 * its version is pinned and this is the only file that touches it.
 */
function loadBinding(): Binding {
  if (loaded === null) {
    const require = createRequire(import.meta.url);
    const binding = require('onnxruntime-node/dist/binding.js') as Partial<Binding>;
    if (typeof binding.initOrt !== 'function' || typeof binding.binding?.InferenceSession !== 'function') {
      throw new Error('onnxruntime: this version of onnxruntime-node has another native binding; install 1.30.0');
    }
    loaded = binding as Binding;
    loaded.initOrt();
  }
  return loaded;
}

/** A compiled graph that runs synchronously. */
export class NativeSession {
  private readonly session: BoundSession;

  /** @throws what ONNX Runtime reports when it rejects the model or an execution provider. */
  constructor(model: Uint8Array, options: InferenceSession.SessionOptions) {
    this.session = new (loadBinding().binding.InferenceSession)();
    this.session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
  }

  /**
   * Runs the graph, whose first output must be the {@link COPY_STOPPER}; the results are written into the arrays that
   * `fetches` holds.
   */
  run(feeds: NamedTensors, fetches: NamedTensors): void {
    try {
      this.session.run(feeds, { [COPY_STOPPER]: null, ...fetches }, RUN_OPTIONS);
    } catch (error) {
      if (!(error as Error).message.startsWith(COPY_STOPPED)) throw error;
    }
  }

  /** Writes the JSON trace of a session that was created with `enableProfiling`. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  dispose(): void {
    this.session.dispose();
  }
}
