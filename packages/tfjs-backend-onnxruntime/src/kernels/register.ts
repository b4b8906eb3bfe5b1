import * as tf from '@tensorflow/tfjs';
import type { OnnxKernel } from './onnx-kernel.ts';

/** The backend's name in tfjs. */
export const BACKEND_NAME = 'onnxruntime';

/** What a registered kernel needs of the backend; ONNX Runtime itself is not loaded for it. */
interface KernelRunner {
  runKernel(
    kernel: OnnxKernel,
    inputs: tf.NamedTensorInfoMap | readonly tf.TensorInfo[],
    attributes: unknown,
  ): tf.TensorInfo | tf.TensorInfo[];
}

/**
 * Registers a kernel with an ONNX form for the backend `onnxruntime`, whether or not that backend is loaded. Kernels
 * that tfjs doesn't know are called with `tf.engine().runKernel(name, inputs, attributes)`, which returns one tensor or
 * an array of them as the kernel's `infer` does; whether one is there tells `tf.getKernel(name, tf.getBackend())`.
 */
export function registerOnnxKernel<Attributes>(kernel: OnnxKernel<Attributes>): void {
  tf.registerKernel({
    kernelName: kernel.kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs, backend }) => (backend as KernelRunner).runKernel(kernel, inputs, attrs),
  });
}
