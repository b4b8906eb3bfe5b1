import * as tf from '@tensorflow/tfjs';

/**
 * Draws from N(0, standardDeviation²), the same on every backend.
 *
 * @param seed any integer, 0 included.
 * @returns float32 `[rows, columns]`. The caller disposes it.
 */
export function createSeededNormal(shape: [number, number], standardDeviation: number, seed: number): tf.Tensor2D {
  // tfjs takes a seed of 0 for none and draws at random: odd numbers never are.
  return tf.randomNormal<tf.Rank.R2>(shape, 0, standardDeviation, 'float32', 2 * seed + 1);
}
