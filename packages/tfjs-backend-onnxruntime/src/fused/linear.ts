import * as tf from '@tensorflow/tfjs';
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
    () => {
      const product = tf.matMul(asRows(x), weight); // [rows, outputDim]
      const value = (bias ? tf.add(product, bias) : product).reshape([...x.shape.slice(0, -1), outputDim]);
      return { value, saved: [x, weight] };
    },
    (dy, [input, matrix]) => {
      const rows = asRows(dy); // [rows, outputDim]
      const dx = tf.matMul(rows, matrix as tf.Tensor2D, false, true).reshape(x.shape);
      const dweight = tf.matMul(asRows(input!), rows, true, false);
      return bias ? [dx, dweight, tf.sum(rows, 0)] : [dx, dweight];
    },
  );
}
