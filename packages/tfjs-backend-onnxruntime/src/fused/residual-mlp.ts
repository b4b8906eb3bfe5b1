import * as tf from '@tensorflow/tfjs';
import { RESIDUAL_MLP, RESIDUAL_MLP_GRADIENT } from './kernels/residual-mlp.ts';
import { hasGradientKernel, runKernelIfRegistered } from './kernels/run-kernel.ts';
import { layerNorm } from './layer-norm.ts';
import { mlp, requireMlpShapes } from './mlp.ts';
import type { MlpParameters } from './mlp.ts';
import { lastDim, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/** The parameters of a layer norm, float32. */
export interface NormParameters {
  /** `[dim]`. */
  readonly gamma: tf.Tensor;
  /** `[dim]`. */
  readonly beta: tf.Tensor;
  /** Added to the variance; 1e-6 unless given. */
  readonly epsilon?: number;
}

/**
 * The second half of a pre-norm transformer block: `y = x + mlp(layerNorm(x))`.
 *
 * As one operation it folds gamma and beta into the weights, so that no pass over the rows is spent on them, and adds the
 * residual's gradient where that of the norm is written.
 *
 * @param x float32 `[…, dim]`.
 * @param parameters of an MLP from dim to dim.
 * @returns float32, the shape of `x`. The caller disposes it.
 */
export function residualMlp<T extends tf.Tensor>(x: T, norm: NormParameters, parameters: MlpParameters): T {
  const { gamma, beta, epsilon = 1e-6 } = norm;
  const dim = lastDim('residualMlp', 'x', x);
  requireShape('residualMlp', 'gamma', gamma, '[dim]', [dim]);
  requireShape('residualMlp', 'beta', beta, '[dim]', [dim]);
  requireMlpShapes('residualMlp', dim, parameters, dim);
  if (!hasGradientKernel(RESIDUAL_MLP)) {
    return tf.tidy(() => tf.add<T>(x, mlp(layerNorm(x, gamma, beta, epsilon), parameters)));
  }
  const { expandWeight, expandBias, contractWeight, contractBias } = parameters;
  return withGradient<T>(
    [x, gamma, beta, expandWeight, expandBias, contractWeight, contractBias],
    () => {
      const inputs = { x, gamma, beta, expandWeight, expandBias, contractWeight, contractBias };
      const [value, ...saved] = runKernelIfRegistered(RESIDUAL_MLP, inputs, { epsilon })!;
      return { value: value as T, saved: [gamma, beta, expandWeight, contractWeight, ...saved] };
    },
    (dy, saved) => runKernelIfRegistered(RESIDUAL_MLP_GRADIENT, [dy, ...saved])!,
  );
}
