import * as tf from '@tensorflow/tfjs';
import { LINEAR, LINEAR_INPUT_GRADIENT, LINEAR_WEIGHT_GRADIENT } from './kernels/linear.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';
import { asRows, lastDim, requireRank, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/**
 * An affine map of the last axis: `y = x · weight + bias`.
 *
 * Gradients: `dx = dy · weightᵀ`, `dweight = xᵀ · dy`, `dbias = Σ dy` over all rows.
 *
 * @param x float32 `[…, inputDim]`.
 * @param weight float32 `[inputDim, outputDim]`.
 * @param bias float32 `[outputDim]`, or none.
 * @returns float32 `[…, outputDim]`. The caller disposes it.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const inputDim = lastDim('linear', 'x', x);
  requireRank('linear', 'weight', weight, '[inputDim, outputDim]', 2);
  const outputDim = weight.shape[1]!;
  requireShape('linear', 'weight', weight, '[inputDim, outputDim]', [inputDim, outputDim]);
  if (bias) requireShape('linear', 'bias', bias, '[outputDim]', [outputDim]);
  return withGradient(
    bias ? [x, weight, bias] : [x, weight],
    () => ({ value: forward(x, weight, bias), saved: [x, weight] }),
    (dy, [input, matrix]) => {
      const dx = inputGradient(dy, matrix!);
      const [dweight, dbias] = weightGradient(input!, dy);
      return bias ? [dx, dweight, dbias] : [dx, dweight];
    },
  );
}

function forward(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  const fused = runKernelIfRegistered(LINEAR, { x, weight, ...(bias && { bias }) });
  if (fused) return fused[0]!;
  const product = tf.matMul(asRows(x), weight); // [rows, outputDim]
  return (bias ? tf.add(product, bias) : product).reshape([...x.shape.slice(0, -1), weight.shape[1]!]);
}

function inputGradient(dy: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const fused = runKernelIfRegistered(LINEAR_INPUT_GRADIENT, { dy, weight });
  if (fused) return fused[0]!;
  return tf.matMul(asRows(dy), weight, false, true).reshape([...dy.shape.slice(0, -1), weight.shape[0]]);
}

function weightGradient(x: tf.Tensor, dy: tf.Tensor): [dweight: tf.Tensor, dbias: tf.Tensor] {
  const fused = runKernelIfRegistered(LINEAR_WEIGHT_GRADIENT, { x, dy });
  if (fused) return fused as [tf.Tensor, tf.Tensor];
  return [tf.matMul(asRows(x), asRows(dy), true, false), tf.sum(asRows(dy), 0)];
}
