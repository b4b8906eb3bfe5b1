import * as tf from '@tensorflow/tfjs';
import { ADAMW } from './kernels/adamw.ts';
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
}

export interface AdamWUpdate {
  readonly parameters: tf.Tensor1D;
  readonly firstMoment: tf.Tensor1D;
  readonly secondMoment: tf.Tensor1D;
}

/**
 * One step of AdamW on a flat vector:
 * `m' = beta1 m + (1 − beta1) g`, `v' = beta2 v + (1 − beta2) g²`,
 * `p' = decay p − stepSize · m' / (√v' / secondCorrection + epsilon)`.
 *
 * @param current parameters and moments, each float32 `[size]`.
 * @param gradient float32 `[size]`.
 * @returns the new parameters and moments, float32 `[size]`. The caller disposes them.
 * @see Loshchilov, Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101, algorithm 2, with the decay
 *   scaled by the learning rate as in PyTorch's AdamW.
 */
export function adamw(
  current: AdamWUpdate,
  gradient: tf.Tensor1D,
  constants: AdamWConstants,
  rates: AdamWRates,
): AdamWUpdate {
  const fused = runKernelIfRegistered(ADAMW, { ...current, gradient, ...rates }, { ...constants });
  if (!fused) return compose(current, gradient, constants, rates);
  const [parameters, firstMoment, secondMoment] = fused as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  return { parameters, firstMoment, secondMoment };
}

function compose(
  current: AdamWUpdate,
  gradient: tf.Tensor1D,
  { beta1, beta2, epsilon }: AdamWConstants,
  { stepSize, secondCorrection, decay }: AdamWRates,
): AdamWUpdate {
  return tf.tidy(() => {
    const firstMoment = tf.add<tf.Tensor1D>(tf.mul(current.firstMoment, beta1), tf.mul(gradient, 1 - beta1));
    const secondMoment = tf.add<tf.Tensor1D>(
      tf.mul(current.secondMoment, beta2),
      tf.mul(tf.square(gradient), 1 - beta2),
    );
    const deviation = tf.add(tf.div(tf.sqrt(secondMoment), secondCorrection), epsilon);
    const change = tf.mul(tf.div(firstMoment, deviation), stepSize);
    const parameters = tf.sub<tf.Tensor1D>(tf.mul(current.parameters, decay), change);
    return { parameters, firstMoment, secondMoment };
  });
}
