import type * as tf from '@tensorflow/tfjs';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { runKernelIfRegistered } from './run-kernel.ts';

const KERNEL_NAME = 'FusedLayerNorm';

registerOnnxKernel<{ readonly epsilon: number }>({
  kernelName: KERNEL_NAME,
  inputs: ['x', 'gamma', 'beta'],
  infer: ([x]) => {
    const statistics = { shape: [...x!.shape.slice(0, -1), 1], dtype: 'float32' } as const;
    return [x!, statistics, statistics];
  },
  emit: (graph, inputs, { epsilon }, outputs) =>
    graph.nodeWithOutputs(
      'LayerNormalization',
      inputs,
      outputs.map(({ shape }) => ({ shape, dtype: 'float32' })),
      { attributes: { axis: -1, epsilon: { float: epsilon } } },
    ),
});

/**
 * Layer norm in one pass, where the backend has it: the result, float32 of the shape of `x`, and the mean and inverse
 * deviation of each row, float32 `[…, 1]`. Null elsewhere. The caller disposes them.
 */
export function runLayerNorm(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
): [value: tf.Tensor, mean: tf.Tensor, inverseDeviation: tf.Tensor] | null {
  return runKernelIfRegistered(KERNEL_NAME, { x, gamma, beta }, { epsilon }) as
    | [tf.Tensor, tf.Tensor, tf.Tensor]
    | null;
}
