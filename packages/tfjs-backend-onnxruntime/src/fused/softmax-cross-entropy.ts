import * as tf from '@tensorflow/tfjs';
import { SOFTMAX_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY_GRADIENT } from './kernels/softmax-cross-entropy.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';
import { requireRank, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/**
 * Cross-entropy of logits against class numbers, averaged by weight:
 * `Σᵢ wᵢ (log Σⱼ exp(logitsᵢⱼ) − logits[i, labelᵢ]) / Σᵢ wᵢ`.
 *
 * The gradient is `(softmax(logits) − onehot(label)) · wᵢ / Σ w`. When all weights are 0 both are 0.
 *
 * @param logits float32 `[rows, classes]`.
 * @param labels int32 `[rows]`, each 0 … classes − 1, also in rows of weight 0.
 * @param weights float32 `[rows]`, 0 for rows to leave out; all rows count alike without it. It gets no gradient.
 * @returns float32 scalar. The caller disposes it.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, weights?: tf.Tensor1D): tf.Scalar {
  requireRank('softmaxCrossEntropy', 'logits', logits, '[rows, classes]', 2);
  const rows = logits.shape[0];
  requireShape('softmaxCrossEntropy', 'labels', labels, '[rows]', [rows]);
  if (labels.dtype !== 'int32') {
    throw new Error(`softmaxCrossEntropy: labels must be int32 class numbers, got ${labels.dtype}`);
  }
  if (weights) requireShape('softmaxCrossEntropy', 'weights', weights, '[rows]', [rows]);

  return withGradient<tf.Scalar>(
    [logits],
    () => {
      const share = weights ? tf.divNoNan(weights, tf.sum(weights)) : tf.ones([rows]).div(rows); // [rows]
      const [loss, logProbabilities] =
        runKernelIfRegistered(SOFTMAX_CROSS_ENTROPY, { logits, labels, share }) ??
        composeLoss(logits, labels, share as tf.Tensor1D);
      return { value: loss as tf.Scalar, saved: [logProbabilities!, labels, share] };
    },
    (dy, saved) => {
      const [logProbabilities, classNumbers, share] = saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
      return (
        runKernelIfRegistered(SOFTMAX_CROSS_ENTROPY_GRADIENT, {
          dy,
          logProbabilities,
          labels: classNumbers,
          share,
        }) ?? [composeGradient(dy, logProbabilities, classNumbers, share)]
      );
    },
  );
}

function composeLoss(logits: tf.Tensor2D, labels: tf.Tensor1D, share: tf.Tensor1D): [tf.Tensor, tf.Tensor] {
  const [rows, classes] = logits.shape;
  const logProbabilities = tf.logSoftmax(logits);
  const flatIndices = tf.add<tf.Tensor1D>(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(classes, 'int32')), labels);
  const atLabel = tf.gather(logProbabilities.flatten(), flatIndices); // [rows]
  return [tf.neg(tf.sum(tf.mul(atLabel, share))), logProbabilities];
}

function composeGradient(
  dy: tf.Tensor,
  logProbabilities: tf.Tensor2D,
  labels: tf.Tensor1D,
  share: tf.Tensor1D,
): tf.Tensor {
  const [rows, classes] = logProbabilities.shape;
  // Not made as float32: tfjs's wasm backend then writes the bits of integers.
  const atLabel = tf.oneHot(labels, classes).toFloat();
  return tf.mul(tf.sub(tf.exp(logProbabilities), atLabel), tf.mul(share, dy).reshape([rows, 1]));
}
