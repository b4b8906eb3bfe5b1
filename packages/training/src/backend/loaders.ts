import * as tf from '@tensorflow/tfjs';
import { loadOnnxruntime } from './onnxruntime.ts';
import { loadTensorflow } from './tensorflow.ts';

/** The tfjs backends that training runs on in Node. */
export const backendNames = ['onnxruntime', 'tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

export interface BackendOptions {
  /**
   * CPU threads to compute with. Default: as many as the process may use, where the backend can use several. Naming a
   * number keeps onnxruntime on the CPU even where there is a GPU.
   */
  readonly threads?: number | undefined;
}

/** A backend that tfjs has registered and that has computed something. */
export interface LoadedBackend {
  readonly name: BackendName;
  /** Of the library that does the computing. */
  readonly version: string;
  readonly device: 'gpu' | 'cpu';
  /** CPU threads that it computes with. */
  readonly threads: number;
}

/** Registers a backend, makes it tfjs's current one and tries it out. Throws when it can't be used here. */
export async function loadBackend(name: BackendName, options: BackendOptions): Promise<LoadedBackend> {
  const loaded = await loaders[name](options);
  if (!(await tf.setBackend(name))) throw new Error('tfjs could not initialize it');
  // A native library that doesn't fit the machine loads well and fails here.
  tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync());
  return { name, ...loaded };
}

/** Whether the backend can compute on several CPU threads in Node. */
export function isMultithreaded(name: BackendName): boolean {
  return name === 'onnxruntime' || name === 'tensorflow';
}

type Loader = (options: BackendOptions) => Promise<Omit<LoadedBackend, 'name'>>;

const loaders: Record<BackendName, Loader> = {
  onnxruntime: async ({ threads }) => loadOnnxruntime(threads),
  tensorflow: async ({ threads }) => loadTensorflow(threads),
  wasm: async () => {
    const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
    return { version, device: 'cpu', threads: 1 };
  },
  cpu: async () => ({ version: tf.version['tfjs-core'], device: 'cpu', threads: 1 }),
};
