import * as tf from '@tensorflow/tfjs';

/** Cosines and sines that turn pairs of channels by their position, float32 `[batch or 1, length, 1, headDim]` each. */
export interface RotaryAngles {
  readonly cos: tf.Tensor4D;
  readonly sin: tf.Tensor4D;
}

/**
 * The angles of rotary position embedding: pair i of a head is turned by `position · base^(−2i / headDim)`.
 *
 * @param positions int32 or float32 `[batch, length]`, or `[1, length]` for positions that all samples share.
 * @param headDim channels of one head, even.
 * @returns cosines and sines; compute them once per forward pass, for all blocks. The caller disposes them.
 * @see Su et al., "RoFormer", arXiv 2104.09864, section 3.2.2.
 */
export function rotaryAngles(positions: tf.Tensor2D, headDim: number, base = 10_000): RotaryAngles {
  if (headDim % 2 !== 0) throw new Error(`rotaryAngles: headDim must be even, got ${headDim}`);
  const [batch, length] = positions.shape;
  const half = headDim / 2;
  const frequencies = Float32Array.from({ length: headDim }, (_, channel) => base ** (-(channel % half) / half));
  return tf.tidy(() => {
    const angles = tf.mul<tf.Tensor4D>(positions.toFloat().reshape([batch, length, 1, 1]), frequencies);
    return { cos: tf.cos(angles), sin: tf.sin(angles) };
  });
}

/**
 * Turns the channel pairs (i, i + headDim / 2) of every head by the angles of its position.
 *
 * @param x float32 `[batch, length, numHeads · headDim]`.
 * @returns float32, the shape of `x`. The caller disposes it.
 */
export function rotate(x: tf.Tensor3D, { cos, sin }: RotaryAngles): tf.Tensor3D {
  const [batch, length, dim] = x.shape;
  const headDim = cos.shape[3];
  return tf.tidy(() => {
    const heads = x.reshape<tf.Tensor4D>([batch, length, dim / headDim, headDim]);
    const [first, second] = tf.split(heads, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
    const turned = tf.concat([tf.neg(second), first], -1);
    return tf.add(tf.mul(heads, cos), tf.mul(turned, sin)).reshape(x.shape);
  });
}
