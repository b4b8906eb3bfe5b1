import type { Parameters } from '@qb-heat/core';
import { groupNorm } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer.ts';
import { disposeParameters } from './composite.ts';
import { constantVariable } from './initialize.ts';

export interface GroupNormOptions {
  readonly channels: number;
  /** Must divide `channels`; 1 unless given. */
  readonly numGroups?: number;
  readonly epsilon?: number;
}

/** Normalisation of each sample over runs of channels and all positions, then a learned scale and shift per channel. */
export class GroupNorm implements Layer {
  readonly parameters: Parameters;
  readonly #gamma: tf.Variable;
  readonly #beta: tf.Variable;
  readonly #numGroups: number;
  readonly #epsilon: number;

  constructor({ channels, numGroups = 1, epsilon = 1e-5 }: GroupNormOptions) {
    this.#gamma = constantVariable(1, [channels]);
    this.#beta = constantVariable(0, [channels]);
    this.#numGroups = numGroups;
    this.#epsilon = epsilon;
    this.parameters = new Map([
      ['gamma', this.#gamma],
      ['beta', this.#beta],
    ]);
  }

  /** @param x float32 `[batch, height, width, channels]`. The caller disposes the result, of the same shape. */
  apply(x: tf.Tensor): tf.Tensor4D {
    return groupNorm(x as tf.Tensor4D, this.#gamma, this.#beta, this.#numGroups, this.#epsilon);
  }

  dispose(): void {
    disposeParameters(this);
  }
}
