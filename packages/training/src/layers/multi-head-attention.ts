import { InputError } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import { attention, paddingBias, residualAttention } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type { AttentionParameters } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { collectParameters, disposeParameters } from './composite.ts';
import type { WeightInitialization } from './initialize.ts';
import type { LayerNorm } from './layer-norm.ts';
import { Linear } from './linear.ts';
import { rotate } from './rotary.ts';
import type { RotaryAngles } from './rotary.ts';

/** What an attention layer may know about its positions. */
export interface AttentionContext {
  /** bool, int32 or float32 `[batch, length]`, 1 at padding: positions that nobody attends to. */
  readonly padding?: tf.Tensor2D;
  /** Turns queries and keys by their position. */
  readonly rotary?: RotaryAngles;
}

export interface MultiHeadAttentionOptions {
  readonly dim: number;
  /** Must divide `dim`. */
  readonly numHeads: number;
  readonly random: Random;
  readonly initialization?: WeightInitialization;
}

/** Self-attention with several heads, `[batch, length, dim]` → the same. */
export class MultiHeadAttention implements Layer {
  readonly parameters: Parameters;
  readonly #query: Linear;
  readonly #key: Linear;
  readonly #value: Linear;
  readonly #output: Linear;
  readonly #numHeads: number;

  /** Throws an `InputError` when `numHeads` doesn't divide `dim`. */
  constructor({ dim, numHeads, random, initialization }: MultiHeadAttentionOptions) {
    if (dim % numHeads !== 0) {
      throw new InputError(`MultiHeadAttention: numHeads must divide dim = ${dim}, got ${numHeads}`);
    }
    const linear = (name: string) =>
      new Linear({
        inputDim: dim,
        outputDim: dim,
        random: random.fork(name),
        ...(initialization && { initialization }),
      });
    this.#query = linear('query');
    this.#key = linear('key');
    this.#value = linear('value');
    this.#output = linear('output');
    this.#numHeads = numHeads;
    this.parameters = collectParameters({
      query: this.#query,
      key: this.#key,
      value: this.#value,
      output: this.#output,
    });
  }

  /** @param x float32 `[batch, length, dim]`. The caller disposes the result, of the same shape. */
  apply(x: tf.Tensor, _context?: ForwardContext, { padding, rotary }: AttentionContext = {}): tf.Tensor3D {
    return tf.tidy(() => {
      let query = this.#query.apply(x) as tf.Tensor3D;
      let key = this.#key.apply(x) as tf.Tensor3D;
      const value = this.#value.apply(x) as tf.Tensor3D;
      if (rotary) {
        query = rotate(query, rotary);
        key = rotate(key, rotary);
      }
      const options = { numHeads: this.#numHeads, ...(padding && { bias: paddingBias(padding) }) };
      return this.#output.apply(attention(query, key, value, options)) as tf.Tensor3D;
    });
  }

  /** `x + apply(norm.apply(x))`, in one operation unless queries and keys are turned. The caller disposes the result. */
  applyResidual(x: tf.Tensor3D, norm: LayerNorm, context: AttentionContext = {}): tf.Tensor3D {
    return tf.tidy(() => {
      const { padding, rotary } = context;
      if (rotary) return tf.add<tf.Tensor3D>(x, this.apply(norm.apply(x), undefined, context));
      const options = { numHeads: this.#numHeads, ...(padding && { bias: paddingBias(padding) }) };
      return residualAttention(x, norm, this.#weights(), options);
    });
  }

  dispose(): void {
    disposeParameters(this);
  }

  #weights(): AttentionParameters {
    return {
      queryWeight: this.#query.weight,
      queryBias: this.#query.bias!,
      keyWeight: this.#key.weight,
      keyBias: this.#key.bias!,
      valueWeight: this.#value.weight,
      valueBias: this.#value.bias!,
      outputWeight: this.#output.weight,
      outputBias: this.#output.bias!,
    };
  }
}
