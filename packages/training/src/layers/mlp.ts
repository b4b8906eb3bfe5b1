import type { Parameters } from '@qb-heat/core';
import { dropout, gelu, mlp, residualMlp } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type { MlpParameters } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { collectParameters, disposeParameters } from './composite.ts';
import type { WeightInitialization } from './initialize.ts';
import type { LayerNorm } from './layer-norm.ts';
import { Linear } from './linear.ts';

export interface MlpOptions {
  readonly dim: number;
  readonly hiddenDim: number;
  readonly random: Random;
  /** Output size; `dim` unless given. */
  readonly outputDim?: number;
  readonly initialization?: WeightInitialization;
  /** Share of hidden activations that are dropped in training; 0 unless given. */
  readonly dropoutRate?: number;
}

/** Two linear maps with a GELU between them: float32 `[…, dim]` → `[…, outputDim]`. */
export class Mlp implements Layer {
  readonly parameters: Parameters;
  readonly #expand: Linear;
  readonly #contract: Linear;
  readonly #dropoutRate: number;
  readonly #seed: number;

  constructor({ dim, hiddenDim, random, outputDim = dim, initialization, dropoutRate = 0 }: MlpOptions) {
    const options = initialization ? { initialization } : {};
    this.#expand = new Linear({ inputDim: dim, outputDim: hiddenDim, random: random.fork('expand'), ...options });
    this.#contract = new Linear({ inputDim: hiddenDim, outputDim, random: random.fork('contract'), ...options });
    this.#dropoutRate = dropoutRate;
    this.#seed = random.fork('dropout').integer(2 ** 32);
    this.parameters = collectParameters({ expand: this.#expand, contract: this.#contract });
  }

  /** @param x float32 `[…, dim]`. The caller disposes the result. */
  apply(x: tf.Tensor, context?: ForwardContext): tf.Tensor {
    if (!this.#drops(context)) return mlp(x, this.#weights());
    return tf.tidy(() => {
      const hidden = gelu(this.#expand.apply(x)); // […, hiddenDim]
      return this.#contract.apply(dropout(hidden, this.#dropoutRate, { seed: this.#seed, step: context!.step }));
    });
  }

  /** `x + apply(norm.apply(x))`, in one operation unless dropout comes between. The caller disposes the result. */
  applyResidual(x: tf.Tensor, norm: LayerNorm, context?: ForwardContext): tf.Tensor {
    if (!this.#drops(context)) return residualMlp(x, norm, this.#weights());
    return tf.tidy(() => tf.add(x, this.apply(norm.apply(x), context)));
  }

  dispose(): void {
    disposeParameters(this);
  }

  #drops(context: ForwardContext | undefined): boolean {
    return context?.training === true && this.#dropoutRate > 0;
  }

  #weights(): MlpParameters {
    return {
      expandWeight: this.#expand.weight,
      expandBias: this.#expand.bias!,
      contractWeight: this.#contract.weight,
      contractBias: this.#contract.bias!,
    };
  }
}
