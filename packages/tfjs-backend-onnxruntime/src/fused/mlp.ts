import * as tf from '@tensorflow/tfjs';
import { gelu } from './gelu.ts';
import { MLP, MLP_GRADIENT } from './kernels/mlp.ts';
import { hasKernel, runKernelIfRegistered } from './kernels/run-kernel.ts';
import { linear } from './linear.ts';
import { lastDim, requireRank, requireShape } from './shape.ts';
import { withGradient } from './with-gradient.ts';

/** The parameters of {@link mlp}, float32. */
export interface MlpParameters {
  /** `[inputDim, hiddenDim]`. */
  readonly expandWeight: tf.Tensor;
  /** `[hiddenDim]`. */
  readonly expandBias: tf.Tensor;
  /** `[hiddenDim, outputDim]`. */
  readonly contractWeight: tf.Tensor;
  /** `[outputDim]`. */
  readonly contractBias: tf.Tensor;
}

/**
 * Two linear maps with an exact GELU between them: `y = gelu(x · expandWeight + expandBias) · contractWeight + contractBias`.
 *
 * As one operation it can keep the hidden units in the processor's cache, a chunk of rows at a time.
 *
 * @param x float32 `[…, inputDim]`.
 * @returns float32 `[…, outputDim]`. The caller disposes it.
 */
export function mlp(x: tf.Tensor, parameters: MlpParameters): tf.Tensor {
  const { expandWeight, expandBias, contractWeight, contractBias } = parameters;
  const inputDim = lastDim('mlp', 'x', x);
  requireRank('mlp', 'expandWeight', expandWeight, '[inputDim, hiddenDim]', 2);
  requireRank('mlp', 'contractWeight', contractWeight, '[hiddenDim, outputDim]', 2);
  const [hiddenDim, outputDim] = [expandWeight.shape[1]!, contractWeight.shape[1]!];
  requireShape('mlp', 'expandWeight', expandWeight, '[inputDim, hiddenDim]', [inputDim, hiddenDim]);
  requireShape('mlp', 'expandBias', expandBias, '[hiddenDim]', [hiddenDim]);
  requireShape('mlp', 'contractWeight', contractWeight, '[hiddenDim, outputDim]', [hiddenDim, outputDim]);
  requireShape('mlp', 'contractBias', contractBias, '[outputDim]', [outputDim]);
  // Without gradients there is no need of it, and an exported graph must not depend on the number of rows.
  if (!hasKernel(MLP) || tf.engine().state.gradientDepth === 0) {
    return tf.tidy(() => linear(gelu(linear(x, expandWeight, expandBias)), contractWeight, contractBias));
  }
  return withGradient(
    [x, expandWeight, expandBias, contractWeight, contractBias],
    () => {
      const [value, ...hidden] = runKernelIfRegistered(MLP, { x, ...parameters })!;
      return { value: value!, saved: [x, expandWeight, contractWeight, ...hidden] };
    },
    (dy, saved) => runKernelIfRegistered(MLP_GRADIENT, [dy, ...saved])!,
  );
}
