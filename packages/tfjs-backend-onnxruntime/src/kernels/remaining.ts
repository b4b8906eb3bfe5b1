import * as tf from '@tensorflow/tfjs';
import type { OnnxruntimeBackend } from '../backend.ts';
import { runOnCpu } from '../fallback.ts';
import { BACKEND_NAME } from './register.ts';

/**
 * Gives every kernel of tfjs's CPU backend that has no form of its own here a fallback to that one, so that whatever
 * runs there runs here. Called after the other kernels have been registered.
 */
export function registerRemainingKernels(): void {
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (tf.getKernel(kernelName, BACKEND_NAME) != null) continue;
    tf.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) => runOnCpu(backend as OnnxruntimeBackend, kernelName, inputs, attrs),
    });
  }
}
