import * as tf from '@tensorflow/tfjs';
import { gelu } from './gelu.ts';
import { MLP, MLP_GRADIENT } from './kernels/mlp.ts';
import { hasGradientKernel, runKernelIfRegistered } from './kernels/run-kernel.ts';
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
  requireRank('mlp', 'contractWeight', contractWeight, '[hiddenDim, outputDim]', 2);
  requireMlpShapes('mlp', lastDim('mlp', 'x', x), parameters, contractWeight.shape[1]!);
  if (!hasGradientKernel(MLP)) {
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

/** Throws unless the parameters are those of an MLP from `inputDim` to `outputDim`. */
export function requireMlpShapes(
  operation: string,
  inputDim: number,
  { expandWeight, expandBias, contractWeight, contractBias }: MlpParameters,
  outputDim: number,
): void {
  requireRank(operation, 'expandWeight', expandWeight, '[inputDim, hiddenDim]', 2);
  const hiddenDim = expandWeight.shape[1]!;
  requireShape(operation, 'expandWeight', expandWeight, '[inputDim, hiddenDim]', [inputDim, hiddenDim]);
  requireShape(operation, 'expandBias', expandBias, '[hiddenDim]', [hiddenDim]);
  requireShape(operation, 'contractWeight', contractWeight, '[hiddenDim, outputDim]', [hiddenDim, outputDim]);
  requireShape(operation, 'contractBias', contractBias, '[outputDim]', [outputDim]);
}
