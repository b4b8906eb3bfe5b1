import { createRequire } from 'node:module';
import { type InferenceSession, Tensor } from 'onnxruntime-node';

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
  run(feeds: NamedTensors, fetches: NamedTensors, options: InferenceSession.RunOptions): NamedTensors;
  endProfiling(): void;
  dispose(): void;
}

interface Binding {
  binding: { InferenceSession: new () => BoundSession };
  initOrt: () => void;
}

const RUN_OPTIONS = {};

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

  /** Runs the graph; the results are written into the arrays that `fetches` holds. */
  run(feeds: NamedTensors, fetches: NamedTensors): void {
    this.session.run(feeds, fetches, RUN_OPTIONS);
  }

  /** Writes the JSON trace of a session that was created with `enableProfiling`. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  dispose(): void {
    this.session.dispose();
  }
}
