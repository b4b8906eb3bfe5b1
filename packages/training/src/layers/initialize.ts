import * as tf from '@tensorflow/tfjs';
import type { Random } from '../random.ts';

/**
 * How weight matrices start.
 *
 * - `xavier-uniform`: uniform within ±√(6 / (fanIn + fanOut)) (Glorot, Bengio 2010, equation 16), as MAE initialises
 *   its transformers.
 * - `truncated-normal`: normal of standard deviation 0.02, cut at two standard deviations, as BERT, ViT and ConvNeXt do.
 * - `zero`: a branch that starts as nothing.
 */
export type WeightInitialization = 'xavier-uniform' | 'truncated-normal' | 'zero';

/** A trainable matrix `[fanIn, fanOut]`, or a tensor of another `shape` whose fans are given. The caller disposes it. */
export function weightVariable(
  random: Random,
  initialization: WeightInitialization,
  fanIn: number,
  fanOut: number,
  shape: readonly number[] = [fanIn, fanOut],
): tf.Variable {
  const size = tf.util.sizeFromShape([...shape]);
  if (initialization === 'zero') return constantVariable(0, shape);
  if (initialization === 'truncated-normal') return trainable(random.truncatedNormals(size, 0.02), shape);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return trainable(random.uniforms(size, -limit, limit), shape);
}

/** A trainable tensor of normal numbers of mean 0. The caller disposes it. */
export function normalVariable(random: Random, standardDeviation: number, shape: readonly number[]): tf.Variable {
  return trainable(random.normals(tf.util.sizeFromShape([...shape]), standardDeviation), shape);
}

/** A trainable tensor that starts at one value everywhere, such as a bias at 0 or a scale at 1. The caller disposes it. */
export function constantVariable(value: number, shape: readonly number[]): tf.Variable {
  return trainable(new Float32Array(tf.util.sizeFromShape([...shape])).fill(value), shape);
}

function trainable(values: Float32Array, shape: readonly number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32')));
}
