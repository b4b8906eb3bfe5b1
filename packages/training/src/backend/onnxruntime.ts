import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { OnnxruntimeBackend } from '@qb-heat/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';
import { hasCudaDriver } from './tensorflow.ts';

/** What the backend was last set up with; setting it up anew would lose the tensors on it. */
let current = '';

/**
 * Registers the backend `onnxruntime`, on a GPU through WebGPU where one answers, unless `threads` asks for the CPU.
 *
 * Called again for the same threads, it leaves the backend and its tensors as they are; for others, the tensors are lost.
 * Throws where ONNX Runtime has no build for this platform.
 */
export async function loadOnnxruntime(
  threads?: number,
): Promise<{ version: string; device: 'gpu' | 'cpu'; threads: number }> {
  const { configureOnnxruntime, onnxruntimeVersion } = await import('@qb-heat/tfjs-backend-onnxruntime');
  const isGpuWanted = threads === undefined && mayHaveGpu();
  const numThreads = threads ?? availableParallelism();
  const wanted = `${numThreads} ${isGpuWanted}`;
  if (wanted !== current) {
    configureOnnxruntime({
      threads: numThreads,
      executionProviders: isGpuWanted ? ['webgpu', 'cpu'] : ['cpu'],
      // That there is no GPU is not worth a line: what is used instead is told by the caller.
      log: () => {},
    });
    current = wanted;
  }
  const { provider } = tf.engine().findBackend('onnxruntime') as OnnxruntimeBackend;
  return { version: onnxruntimeVersion, device: provider === 'cpu' ? 'cpu' : 'gpu', threads: numThreads };
}

/** Whether it is worth asking for a GPU: the native library complains aloud where there can be none. */
function mayHaveGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const hasRenderNode = existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  return hasRenderNode || hasCudaDriver();
}
