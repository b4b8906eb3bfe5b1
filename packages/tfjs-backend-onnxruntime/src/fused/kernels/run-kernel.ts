import * as tf from '@tensorflow/tfjs';

/** Whether the current backend has a kernel. */
function hasKernel(kernelName: string): boolean {
  // tfjs answers undefined for a kernel that isn't there, whatever its type says.
  return (tf.getKernel(kernelName, tf.getBackend()) as tf.KernelConfig | undefined) !== undefined;
}

/**
 * Whether an operation of several layers should run as its own kernel: without gradients there is no need of it, and an
 * exported graph must not depend on the number of rows.
 */
export function hasGradientKernel(kernelName: string): boolean {
  return tf.engine().state.gradientDepth > 0 && hasKernel(kernelName);
}

/**
 * Runs a kernel of this package where the current backend has it.
 *
 * @returns its results, or null on a backend without it, where the caller composes them of tfjs operations.
 */
export function runKernelIfRegistered(
  kernelName: string,
  inputs: Record<string, tf.Tensor> | readonly tf.Tensor[],
  attributes: Record<string, number> = {},
): tf.Tensor[] | null {
  if (!hasKernel(kernelName)) return null;
  const results = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(kernelName, inputs as tf.NamedTensorMap, attributes);
  return Array.isArray(results) ? results : [results];
}
