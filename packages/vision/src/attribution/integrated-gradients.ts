import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';

export interface IntegratedGradientsOptions {
  /** Where the path starts, of the images' shape or one that broadcasts to it; black by default. */
  readonly baseline?: tf.Tensor;
  /** Points of the path at which gradients are taken. Default 32. */
  readonly numSteps?: number;
}

/**
 * Integrated Gradients (Sundararajan et al., arXiv 1703.01365, equation 1): how much each pixel adds to a score on the
 * straight path from a baseline x′ to the image x,
 *
 *     (xᵢ − x′ᵢ) · ∫₀¹ ∂F(x′ + α (x − x′)) / ∂xᵢ dα,
 *
 * the integral by the midpoint rule. By completeness the attributions of an image sum to F(x) − F(x′), up to its error.
 *
 * @param score differentiable, `[batch, height, width, channels]` → `[batch]`, each from its own image alone.
 * @param images float32 `[batch, height, width, channels]`.
 * @returns float32, of the images' shape. The caller disposes it.
 * @throws InputError if `numSteps` is not a positive whole number.
 */
export function integratedGradients(
  score: (images: tf.Tensor4D) => tf.Tensor,
  images: tf.Tensor4D,
  { baseline, numSteps = 32 }: IntegratedGradientsOptions = {},
): tf.Tensor4D {
  if (!(Number.isInteger(numSteps) && numSteps > 0)) {
    throw new InputError(`integratedGradients: numSteps must be a positive whole number, got ${numSteps}`);
  }
  return tf.tidy(() => {
    const start = baseline ?? tf.scalar(0);
    const path = tf.sub<tf.Tensor4D>(images, start);
    // The sum over the batch has each image's own gradient, as no score depends on another image.
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(score(x as tf.Tensor4D)));
    let sum: tf.Tensor = tf.zerosLike(images);
    for (let step = 0; step < numSteps; step++) {
      sum = tf.tidy(() => tf.add(sum, gradient(tf.add(start, tf.mul(path, (step + 0.5) / numSteps)))));
    }
    return tf.mul<tf.Tensor4D>(path, tf.div(sum, numSteps));
  });
}
