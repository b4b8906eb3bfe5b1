import * as tf from '@tensorflow/tfjs';
import { attention } from './attention.ts';
import { RESIDUAL_ATTENTION, RESIDUAL_ATTENTION_GRADIENT } from './kernels/residual-attention.ts';
import { hasGradientKernel, runKernelIfRegistered } from './kernels/run-kernel.ts';
import { layerNorm } from './layer-norm.ts';
import { linear } from './linear.ts';
import type { NormParameters } from './residual-mlp.ts';
import { requireRank, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/** The maps of {@link residualAttention}, float32: weights `[dim, dim]`, biases `[dim]`. */
export interface AttentionParameters {
  readonly queryWeight: tf.Tensor;
  readonly queryBias: tf.Tensor;
  readonly keyWeight: tf.Tensor;
  readonly keyBias: tf.Tensor;
  readonly valueWeight: tf.Tensor;
  readonly valueBias: tf.Tensor;
  readonly outputWeight: tf.Tensor;
  readonly outputBias: tf.Tensor;
}

export interface ResidualAttentionOptions {
  /** Heads that `dim` is cut into; it must divide `dim`. */
  readonly numHeads: number;
  /** Added to the scores, as in `attention`. It gets no gradient. */
  readonly bias?: tf.Tensor4D;
}

/**
 * The first half of a pre-norm transformer block: `y = x + linear(attention(q, k, v))`, with the query q, key k and value v
 * three linear maps of `layerNorm(x)`.
 *
 * As one operation it lays out the heads as it computes them, and folds gamma, beta and the biases of keys and values into
 * the weights. The bias of the keys has no influence on y (it moves all scores of a query alike), and its gradient is the
 * rounding error of 0.
 *
 * @param x float32 `[batch, length, dim]`.
 * @returns float32 `[batch, length, dim]`. The caller disposes it.
 */
export function residualAttention(
  x: tf.Tensor3D,
  norm: NormParameters,
  parameters: AttentionParameters,
  { numHeads, bias }: ResidualAttentionOptions,
): tf.Tensor3D {
  const { gamma, beta, epsilon = 1e-6 } = norm;
  requireRank('residualAttention', 'x', x, '[batch, length, dim]', 3);
  const dim = x.shape[2];
  for (const [name, tensor] of Object.entries({ gamma, beta, ...parameters })) {
    if (name.endsWith('Weight')) requireShape('residualAttention', name, tensor, '[dim, dim]', [dim, dim]);
    else requireShape('residualAttention', name, tensor, '[dim]', [dim]);
  }
  if (dim % numHeads !== 0) {
    throw new Error(`residualAttention: numHeads must divide dim = ${dim}, got ${numHeads}`);
  }
  const { queryWeight, queryBias, keyWeight, keyBias, valueWeight, valueBias, outputWeight, outputBias } = parameters;
  if (!hasGradientKernel(RESIDUAL_ATTENTION)) {
    return tf.tidy(() => {
      const normalized = layerNorm(x, gamma, beta, epsilon);
      const query = linear(normalized, queryWeight, queryBias) as tf.Tensor3D;
      const key = linear(normalized, keyWeight, keyBias) as tf.Tensor3D;
      const value = linear(normalized, valueWeight, valueBias) as tf.Tensor3D;
      const mean = attention(query, key, value, { numHeads, ...(bias && { bias }) });
      return tf.add<tf.Tensor3D>(x, linear(mean, outputWeight, outputBias));
    });
  }
  const { keyBias: _, ...used } = parameters;
  return withGradient<tf.Tensor3D>(
    [x, gamma, beta, queryWeight, queryBias, keyWeight, keyBias, valueWeight, valueBias, outputWeight, outputBias],
    () => {
      const inputs = { x, gamma, beta, ...used, ...(bias && { bias }) };
      const [value, ...saved] = runKernelIfRegistered(RESIDUAL_ATTENTION, inputs, { numHeads, epsilon })!;
      const kept = [gamma, beta, queryWeight, keyWeight, valueWeight, outputWeight, valueBias];
      return { value: value as tf.Tensor3D, saved: [...kept, ...saved] };
    },
    (dy, saved) => runKernelIfRegistered(RESIDUAL_ATTENTION_GRADIENT, [dy, ...saved])!,
  );
}
