import * as tf from '@tensorflow/tfjs';
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
  const [rows, classes] = logits.shape;
  requireShape('softmaxCrossEntropy', 'labels', labels, '[rows]', [rows]);
  if (labels.dtype !== 'int32') {
    throw new Error(`softmaxCrossEntropy: labels must be int32 class numbers, got ${labels.dtype}`);
  }
  if (weights) requireShape('softmaxCrossEntropy', 'weights', weights, '[rows]', [rows]);

  return withGradient<tf.Scalar>(
    [logits],
    () => {
      const shifted = tf.sub(logits, tf.max(logits, 1, true));
      const exponentials = tf.exp(shifted);
      const total = tf.sum(exponentials, 1, true); // [rows, 1]
      const flatIndices = tf.add(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(classes, 'int32')), labels);
      const shiftedAtLabel = tf.gather(shifted.flatten(), flatIndices); // [rows]
      const losses = tf.sub(tf.log(total.reshape([rows])), shiftedAtLabel);
      const share = weights
        ? tf.divNoNan(weights, tf.sum(weights)) // [rows]
        : tf.ones([rows]).div(rows);
      const probabilities = tf.div(exponentials, total);
      return { value: tf.sum(tf.mul(losses, share)), saved: [probabilities, labels, share] };
    },
    (dy, [probabilities, classNumbers, share]) => {
      const atLabel = tf.oneHot(classNumbers as tf.Tensor1D, classes, 1, 0, 'float32');
      const scale = tf.mul(share!, dy).reshape([rows, 1]);
      return [tf.mul(tf.sub(probabilities!, atLabel), scale)];
    },
  );
}
