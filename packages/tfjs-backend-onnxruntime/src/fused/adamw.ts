import * as tf from '@tensorflow/tfjs';
import { ADAMW, SUM_OF_SQUARES } from './kernels/adamw.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';

/** The constants of AdamW, which don't change while training. */
export interface AdamWConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The numbers that change with every step; they enter as tensors, so that a lazy backend compiles one graph for all. */
export interface AdamWRates {
  /** float32 scalar: the learning rate over the first bias correction, lr / (1 − beta1ᵗ). */
  readonly stepSize: tf.Scalar;
  /** float32 scalar: √(1 − beta2ᵗ), the second bias correction. */
  readonly secondCorrection: tf.Scalar;
  /** float32 scalar: the factor of the parameters, 1 − lr · weightDecay. */
  readonly decay: tf.Scalar;
  /** float32 scalar: the factor of the gradients, below 1 where they are clipped. */
  readonly gradientScale: tf.Scalar;
}

/** Parameters of any shapes with their moments, which lie end to end in two vectors. */
export interface AdamWState {
  readonly parameters: readonly tf.Tensor[];
  /** float32 `[size of all parameters]`. */
  readonly firstMoment: tf.Tensor1D;
  /** float32 `[size of all parameters]`. */
  readonly secondMoment: tf.Tensor1D;
}

/**
 * One step of AdamW on several parameters at once, as if they were one vector p with gradient g = gradientScale · gradients:
 * `m' = beta1 m + (1 − beta1) g`, `v' = beta2 v + (1 − beta2) g²`,
 * `p' = decay p − stepSize · m' / (√v' / secondCorrection + epsilon)`.
 *
 * @param gradients one per parameter, float32, in its shape.
 * @returns the new parameters and moments. The caller disposes them.
 * @see Loshchilov, Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101, algorithm 2, with the decay
 *   scaled by the learning rate as in PyTorch's AdamW.
 */
export function adamw(
  current: AdamWState,
  gradients: readonly tf.Tensor[],
  constants: AdamWConstants,
  rates: AdamWRates,
): AdamWState {
  const { parameters, firstMoment, secondMoment } = current;
  const numParameters = parameters.length;
  if (gradients.length !== numParameters) {
    throw new Error(`adamw: there must be a gradient for each of ${numParameters} parameters, got ${gradients.length}`);
  }
  const { stepSize, secondCorrection, decay, gradientScale } = rates;
  const fused = runKernelIfRegistered(
    ADAMW,
    [...parameters, ...gradients, firstMoment, secondMoment, stepSize, secondCorrection, decay, gradientScale],
    { ...constants, numParameters },
  );
  if (!fused) return compose(current, gradients, constants, rates);
  return {
    parameters: fused.slice(0, numParameters),
    firstMoment: fused[numParameters] as tf.Tensor1D,
    secondMoment: fused[numParameters + 1] as tf.Tensor1D,
  };
}

/**
 * The sum of the squares of all elements of all tensors: the square of a global norm.
 *
 * @param tensors float32, any shapes, at least one.
 * @returns float32 scalar. The caller disposes it.
 */
export function sumOfSquares(tensors: readonly tf.Tensor[]): tf.Scalar {
  const fused = runKernelIfRegistered(SUM_OF_SQUARES, tensors);
  if (fused) return fused[0] as tf.Scalar;
  return tf.tidy(() => {
    const sums = tensors.map((tensor) => tf.sum<tf.Scalar>(tf.square(tensor)));
    return sums.reduce((total, sum) => tf.add(total, sum));
  });
}

function compose(
  current: AdamWState,
  gradients: readonly tf.Tensor[],
  { beta1, beta2, epsilon }: AdamWConstants,
  { stepSize, secondCorrection, decay, gradientScale }: AdamWRates,
): AdamWState {
  const sizes = current.parameters.map((parameter) => parameter.size);
  const [firstMoment, secondMoment, ...parameters] = tf.tidy(() => {
    const gradient = tf.mul(flatten(gradients), gradientScale);
    const m = tf.add<tf.Tensor1D>(tf.mul(current.firstMoment, beta1), tf.mul(gradient, 1 - beta1));
    const v = tf.add<tf.Tensor1D>(tf.mul(current.secondMoment, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const deviation = tf.add(tf.div(tf.sqrt(v), secondCorrection), epsilon);
    const change = tf.mul(tf.div(m, deviation), stepSize);
    const updated = tf.sub<tf.Tensor1D>(tf.mul(flatten(current.parameters), decay), change);
    const pieces = tf.split(updated, sizes).map((piece, index) => piece.reshape(current.parameters[index]!.shape));
    return [m, v, ...pieces] as [tf.Tensor1D, tf.Tensor1D, ...tf.Tensor[]];
  });
  return { parameters, firstMoment, secondMoment };
}

function flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.concat1d(tensors.map((tensor) => tensor.flatten()));
}
