import type { Parameters } from '@qb-heat/core';
import { dropout, stochasticDepth } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { collectParameters, disposeParameters } from './composite.ts';
import type { WeightInitialization } from './initialize.ts';
import { LayerNorm } from './layer-norm.ts';
import { Mlp } from './mlp.ts';
import { MultiHeadAttention } from './multi-head-attention.ts';
import type { AttentionContext } from './multi-head-attention.ts';

export interface TransformerBlockOptions {
  readonly dim: number;
  /** Must divide `dim`. */
  readonly numHeads: number;
  readonly random: Random;
  /** Hidden size of the MLP over `dim`; 4 unless given. */
  readonly mlpRatio?: number;
  readonly initialization?: WeightInitialization;
  /** Share of each branch's output that is dropped in training; 0 unless given. */
  readonly dropoutRate?: number;
  /** Probability that a sample skips a branch in training; 0 unless given. */
  readonly stochasticDepthRate?: number;
}

/**
 * A pre-norm transformer block, `[batch, length, dim]` → the same:
 * `h = x + attention(norm(x))`, `y = h + mlp(norm(h))`.
 */
export class TransformerBlock implements Layer {
  readonly parameters: Parameters;
  readonly #attentionNorm: LayerNorm;
  readonly #attention: MultiHeadAttention;
  readonly #mlpNorm: LayerNorm;
  readonly #mlp: Mlp;
  readonly #dropoutRate: number;
  readonly #stochasticDepthRate: number;
  readonly #noise: Random;

  constructor(options: TransformerBlockOptions) {
    const { dim, numHeads, random, mlpRatio = 4, initialization, dropoutRate = 0, stochasticDepthRate = 0 } = options;
    const weights = initialization ? { initialization } : {};
    this.#attentionNorm = new LayerNorm({ dim });
    this.#attention = new MultiHeadAttention({ dim, numHeads, random: random.fork('attention'), ...weights });
    this.#mlpNorm = new LayerNorm({ dim });
    const hiddenDim = Math.round(dim * mlpRatio);
    this.#mlp = new Mlp({ dim, hiddenDim, random: random.fork('mlp'), dropoutRate, ...weights });
    this.#dropoutRate = dropoutRate;
    this.#stochasticDepthRate = stochasticDepthRate;
    this.#noise = random.fork('noise');
    this.parameters = collectParameters({
      attentionNorm: this.#attentionNorm,
      attention: this.#attention,
      mlpNorm: this.#mlpNorm,
      mlp: this.#mlp,
    });
  }

  /** @param x float32 `[batch, length, dim]`. The caller disposes the result, of the same shape. */
  apply(x: tf.Tensor, context?: ForwardContext, attention?: AttentionContext): tf.Tensor3D {
    if (!context?.training || (this.#dropoutRate === 0 && this.#stochasticDepthRate === 0)) {
      return tf.tidy(() => {
        const h = this.#attention.applyResidual(x as tf.Tensor3D, this.#attentionNorm, attention);
        return this.#mlp.applyResidual(h, this.#mlpNorm, context) as tf.Tensor3D;
      });
    }
    return tf.tidy(() => {
      const attended = this.#attention.apply(this.#attentionNorm.apply(x), context, attention);
      const h = tf.add(x, this.#perturb(attended, 'attention', context));
      const transformed = this.#mlp.apply(this.#mlpNorm.apply(h), context);
      return tf.add<tf.Tensor3D>(h, this.#perturb(transformed, 'mlp', context));
    });
  }

  dispose(): void {
    disposeParameters(this);
  }

  /** Dropout and stochastic depth of a branch, in training. */
  #perturb(branch: tf.Tensor, name: string, context?: ForwardContext): tf.Tensor {
    if (!context?.training) return branch;
    const { step } = context;
    const seedOf = (operation: string) =>
      this.#noise
        .fork(name)
        .fork(operation)
        .integer(2 ** 32);
    let result = branch;
    if (this.#dropoutRate > 0) result = dropout(result, this.#dropoutRate, { seed: seedOf('dropout'), step });
    if (this.#stochasticDepthRate > 0) {
      result = stochasticDepth(result, this.#stochasticDepthRate, { seed: seedOf('depth'), step });
    }
    return result;
  }
}
