import * as tf from '@tensorflow/tfjs';

/**
 * A tensor that is computed as it is, and constant to every gradient: what it was computed from learns nothing by it, and
 * the backward pass does not go there. The caller disposes it.
 */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  // What runs inside an operation of its own is not recorded; this one has no inputs, so that nothing leads back.
  return tf.customGrad<T>(() => ({ value: compute(), gradFunc: () => [] }))();
}
