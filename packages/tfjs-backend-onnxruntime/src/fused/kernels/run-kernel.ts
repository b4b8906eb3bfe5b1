import * as tf from '@tensorflow/tfjs';

/**
 * Runs a kernel of this package where the current backend has it.
 *
 * @returns its results, or null on a backend without it, where the caller composes them of tfjs operations.
 */
export function runKernelIfRegistered(
  kernelName: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number> = {},
): tf.Tensor[] | null {
  // tfjs answers undefined for a kernel that isn't there, whatever its type says.
  const kernel = tf.getKernel(kernelName, tf.getBackend()) as tf.KernelConfig | undefined;
  if (kernel === undefined) return null;
  const results = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(kernelName, inputs, attributes);
  return Array.isArray(results) ? results : [results];
}
