import type { Parameters } from '@qb-heat/core';
import { linear } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer.ts';
import type { Random } from '../random.ts';
import { disposeParameters } from './composite.ts';
import { constantVariable, weightVariable } from './initialize.ts';
import type { WeightInitialization } from './initialize.ts';

export interface LinearOptions {
  readonly inputDim: number;
  readonly outputDim: number;
  readonly random: Random;
  /** `xavier-uniform` unless given. */
  readonly initialization?: WeightInitialization;
  /** True unless given: add a bias, which starts at 0. */
  readonly useBias?: boolean;
}

/** An affine map of the last axis, `y = x · weight + bias`: float32 `[…, inputDim]` → `[…, outputDim]`. */
export class Linear implements Layer {
  readonly parameters: Parameters;
  /** float32 `[inputDim, outputDim]`. */
  readonly weight: tf.Variable;
  /** float32 `[outputDim]`. */
  readonly bias: tf.Variable | undefined;

  constructor({ inputDim, outputDim, random, initialization = 'xavier-uniform', useBias = true }: LinearOptions) {
    this.weight = weightVariable(random, initialization, inputDim, outputDim);
    this.bias = useBias ? constantVariable(0, [outputDim]) : undefined;
    this.parameters = new Map([['weight', this.weight], ...(this.bias ? ([['bias', this.bias]] as const) : [])]);
  }

  /** @param x float32 `[…, inputDim]`. The caller disposes the result. */
  apply(x: tf.Tensor): tf.Tensor {
    return linear(x, this.weight, this.bias);
  }

  dispose(): void {
    disposeParameters(this);
  }
}
