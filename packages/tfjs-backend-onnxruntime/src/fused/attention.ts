import * as tf from '@tensorflow/tfjs';
import { ATTENTION, ATTENTION_GRADIENT } from './kernels/attention.ts';
import { runKernelIfRegistered } from './kernels/run-kernel.ts';
import { requireRank, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

export interface AttentionOptions {
  /** Heads that `dim` is cut into; it must divide `dim`. */
  readonly numHeads: number;
  /** Factor of the scores; 1 / √(dim / numHeads) unless given. */
  readonly scale?: number;
  /**
   * Added to the scores before the softmax: float32, broadcast to `[batch, numHeads, queryLength, keyLength]`. It gets
   * no gradient. {@link paddingBias} makes one that hides padded keys.
   */
  readonly bias?: tf.Tensor4D;
}

/**
 * Scaled dot-product attention with several heads: per head, `softmax(q · kᵀ · scale + bias) · v`.
 *
 * Head h owns the columns `h · dim / numHeads` up to the next head's of `query`, `key`, `value` and of the result.
 *
 * @param query float32 `[batch, queryLength, dim]`.
 * @param key float32 `[batch, keyLength, dim]`.
 * @param value float32 `[batch, keyLength, dim]`.
 * @returns float32 `[batch, queryLength, dim]`. The caller disposes it.
 * @see Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, equation 1 and section 3.2.2.
 */
export function attention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  options: AttentionOptions,
): tf.Tensor3D {
  const { numHeads, bias } = options;
  requireRank('attention', 'query', query, '[batch, queryLength, dim]', 3);
  requireRank('attention', 'key', key, '[batch, keyLength, dim]', 3);
  const [batch, , dim] = query.shape;
  requireShape('attention', 'key', key, '[batch, keyLength, dim]', [batch, key.shape[1], dim]);
  requireShape('attention', 'value', value, '[batch, keyLength, dim]', key.shape);
  if (dim % numHeads !== 0) {
    throw new Error(`attention: numHeads must divide dim = ${dim}, got ${numHeads}`);
  }
  const scale = options.scale ?? 1 / Math.sqrt(dim / numHeads);

  return withGradient<tf.Tensor3D>(
    [query, key, value],
    () => {
      const inputs = { query, key, value, ...(bias && { bias }) };
      const [context, ...saved] =
        runKernelIfRegistered(ATTENTION, inputs, { numHeads, scale }) ??
        composeAttention(query, key, value, bias, numHeads, scale);
      return { value: context as tf.Tensor3D, saved };
    },
    (dy, saved) => {
      const [q, k, v, weights] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      return (
        runKernelIfRegistered(ATTENTION_GRADIENT, { dy, query: q, key: k, value: v, weights }, { numHeads, scale }) ??
        composeGradient(dy as tf.Tensor3D, q, k, v, weights, scale)
      );
    },
  );
}

/** The result, then what the gradient needs: query, key and value by head, and the weights. */
function composeAttention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  bias: tf.Tensor4D | undefined,
  numHeads: number,
  scale: number,
): tf.Tensor[] {
  const q = splitHeads(query, numHeads);
  const k = splitHeads(key, numHeads);
  const v = splitHeads(value, numHeads);
  const scores = tf.mul(tf.matMul(q, k, false, true), scale); // [batch, numHeads, queryLength, keyLength]
  const weights = tf.softmax(bias ? tf.add(scores, bias) : scores);
  return [mergeHeads(tf.matMul(weights, v)), q, k, v, weights];
}

function composeGradient(
  dy: tf.Tensor3D,
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  weights: tf.Tensor,
  scale: number,
): tf.Tensor[] {
  const dContext = splitHeads(dy, q.shape[1]!);
  const dValue = tf.matMul<tf.Tensor4D>(weights, dContext, true, false);
  const weighted = tf.mul(tf.matMul(dContext, v, false, true), weights);
  const dScores = tf.mul(tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true))), scale);
  const dQuery = tf.matMul<tf.Tensor4D>(dScores, k);
  const dKey = tf.matMul<tf.Tensor4D>(dScores, q, true, false);
  return [mergeHeads(dQuery), mergeHeads(dKey), mergeHeads(dValue)];
}

/**
 * The bias that hides padded keys from every query: 0 at real positions, −1e9 at padded ones.
 *
 * @param padding bool, int32 or float32 `[batch, keyLength]`, 1 where the position is padding.
 * @returns float32 `[batch, 1, 1, keyLength]`. The caller disposes it.
 */
export function paddingBias(padding: tf.Tensor2D): tf.Tensor4D {
  requireRank('paddingBias', 'padding', padding, '[batch, keyLength]', 2);
  const [batch, keyLength] = padding.shape;
  return tf.tidy(() => tf.mul(padding.toFloat(), -1e9).reshape<tf.Tensor4D>([batch, 1, 1, keyLength]));
}

/** `[batch, length, dim]` → `[batch, numHeads, length, headDim]`. */
function splitHeads(x: tf.Tensor3D, numHeads: number): tf.Tensor4D {
  const [batch, length, dim] = x.shape;
  return tf.transpose(x.reshape<tf.Tensor4D>([batch, length, numHeads, dim / numHeads]), [0, 2, 1, 3]);
}

/** `[batch, numHeads, length, headDim]` → `[batch, length, dim]`. */
function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, numHeads, length, headDim] = x.shape;
  return tf.transpose(x, [0, 2, 1, 3]).reshape([batch, length, numHeads * headDim]);
}
