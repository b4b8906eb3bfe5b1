import * as tf from '@tensorflow/tfjs';

/** A value together with the tensors that its gradient needs. */
export interface Forward<Result extends tf.Tensor = tf.Tensor> {
  readonly value: Result;
  readonly saved: readonly tf.Tensor[];
}

/**
 * One differentiable operation with a gradient written by hand, on any backend.
 *
 * `forward` and `backward` run outside the tape; what they allocate and don't return is disposed.
 *
 * @param inputs what the operation is differentiated by, in order.
 * @param forward the value, and the tensors kept for `backward`.
 * @param backward one gradient per input, in the shape of that input, from the gradient of the value.
 */
export function withGradient<Result extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  forward: () => Forward<Result>,
  backward: (dy: tf.Tensor, saved: readonly tf.Tensor[]) => tf.Tensor[],
): Result {
  const operation = tf.customGrad<Result>((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, saved } = forward();
    save([...saved]);
    return { value, gradFunc: (dy, kept) => backward(dy, kept) };
  });
  return operation(...inputs);
}
