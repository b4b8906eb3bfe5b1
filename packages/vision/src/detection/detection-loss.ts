import * as tf from '@tensorflow/tfjs';

/**
 * Focal loss of class maps (CornerNet, arXiv 1808.01244, equation 1): with p = sigmoid(logit),
 *
 *     Σ −(1 − p)² log p · centers − p² log(1 − p) · negativeWeights · (1 − centers).
 *
 * @param logits float32 `[…]`.
 * @param centers weights of the cells that are the middle of a box, of the same shape; 0 for all others.
 * @param negativeWeights weights of the others, of the same shape.
 * @returns float32 scalar. The caller disposes it.
 */
export function focalLoss(logits: tf.Tensor, centers: tf.Tensor, negativeWeights: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const p = tf.sigmoid(logits);
    const logP = tf.neg(tf.softplus(tf.neg(logits)));
    const logNot = tf.neg(tf.softplus(logits));
    const positive = tf.square(tf.sub(1, p)).mul(logP).mul(centers);
    const negative = tf.square(p).mul(logNot).mul(negativeWeights);
    return tf.neg<tf.Scalar>(tf.sum(tf.add(positive, negative)));
  });
}

/**
 * Generalised IoU loss of boxes, Σ (1 − GIoU) · weights (arXiv 1902.09630): with C the smallest box around both,
 * GIoU = I / U − (|C| − U) / |C|.
 *
 * @param predicted left, top, right, bottom, float32 `[…, 4]`; right and bottom beyond left and top.
 * @param target of the same shape; cells of weight 0 may hold anything.
 * @param weights float32 `[…]`.
 * @returns float32 scalar. The caller disposes it.
 */
export function giouLoss(predicted: tf.Tensor, target: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const [left, top, right, bottom] = tf.split(predicted, 4, -1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const [toLeft, toTop, toRight, toBottom] = tf.split(target, 4, -1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const across = tf.relu(tf.sub(tf.minimum(right, toRight), tf.maximum(left, toLeft)));
    const down = tf.relu(tf.sub(tf.minimum(bottom, toBottom), tf.maximum(top, toTop)));
    const shared = tf.mul(across, down);
    const area = tf.mul(tf.sub(right, left), tf.sub(bottom, top));
    const targetArea = tf.mul(tf.sub(toRight, toLeft), tf.sub(toBottom, toTop));
    const union = tf.sub(tf.add(area, targetArea), shared);
    const width = tf.sub(tf.maximum(right, toRight), tf.minimum(left, toLeft));
    const height = tf.sub(tf.maximum(bottom, toBottom), tf.minimum(top, toTop));
    const around = tf.mul(width, height);
    const giou = tf.sub(tf.div(shared, union), tf.div(tf.sub(around, union), around)); // […, 1]
    return tf.sum<tf.Scalar>(tf.mul(tf.sub(1, giou), tf.expandDims(weights, -1)));
  });
}
