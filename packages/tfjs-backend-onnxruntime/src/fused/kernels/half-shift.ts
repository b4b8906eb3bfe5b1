import * as tf from '@tensorflow/tfjs';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { runKernelIfRegistered } from './run-kernel.ts';

const KERNEL_NAME = 'FusedHalfShift';

registerOnnxKernel({
  kernelName: KERNEL_NAME,
  inputs: ['x'],
  infer: ([x]) => x!,
  // Its clamp to [0, 1] leaves what comes of [−1, 1] alone.
  emit: (graph, [x]) =>
    graph.node('HardSigmoid', [x!], { attributes: { alpha: { float: 0.5 }, beta: { float: 0.5 } } }),
});

/**
 * `(1 + x) / 2`, in one pass over memory where the backend has that.
 *
 * @param x float32 within [−1, 1], any shape.
 * @returns float32, the shape of `x`. The caller disposes it.
 */
export function halfShift(x: tf.Tensor): tf.Tensor {
  return runKernelIfRegistered(KERNEL_NAME, { x })?.[0] ?? tf.mul(tf.add(x, 1), 0.5);
}
