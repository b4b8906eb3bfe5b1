import type { Parameters } from '@qb-heat/core';
import { layerNorm } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer.ts';
import { disposeParameters } from './composite.ts';
import { constantVariable } from './initialize.ts';

export interface LayerNormOptions {
  readonly dim: number;
  /** Added to the variance; 1e-6 unless given, as in ViT and MAE. */
  readonly epsilon?: number;
}

/** Normalisation of each position over its last axis, then a learned scale (from 1) and shift (from 0). */
export class LayerNorm implements Layer {
  readonly parameters: Parameters;
  /** float32 `[dim]`. */
  readonly gamma: tf.Variable;
  /** float32 `[dim]`. */
  readonly beta: tf.Variable;
  readonly epsilon: number;

  constructor({ dim, epsilon = 1e-6 }: LayerNormOptions) {
    this.gamma = constantVariable(1, [dim]);
    this.beta = constantVariable(0, [dim]);
    this.epsilon = epsilon;
    this.parameters = new Map([
      ['gamma', this.gamma],
      ['beta', this.beta],
    ]);
  }

  /** @param x float32 `[…, dim]`. The caller disposes the result, of the same shape. */
  apply<T extends tf.Tensor>(x: T): T {
    return layerNorm(x, this.gamma, this.beta, this.epsilon);
  }

  dispose(): void {
    disposeParameters(this);
  }
}
