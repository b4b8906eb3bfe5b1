import type * as tf from '@tensorflow/tfjs';

/**
 * The trainable variables of a module by their path within it, such as `blocks.0.attention.query.weight`, in a fixed
 * order. Paths are what checkpoints store; the names of the variables themselves are unique per process and carry no
 * meaning. The module that made them disposes them.
 */
export type Parameters = ReadonlyMap<string, tf.Variable>;
