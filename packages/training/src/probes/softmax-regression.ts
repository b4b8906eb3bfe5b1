import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { minimizeLbfgs } from './lbfgs.ts';
import type { Evaluation } from './lbfgs.ts';

/** A linear classifier: scores = x · weight + bias. */
export interface SoftmaxRegression {
  /** `[dim, numClasses]`, row by row, then the bias, `[numClasses]`. */
  readonly coefficients: Float64Array;
  readonly numClasses: number;
}

export interface SoftmaxRegressionOptions {
  /** λ of the penalty λ/2 ‖weight‖²; the bias is free. Must be positive. */
  readonly penalty: number;
  /** Where to start; the optimum doesn't depend on it. Default: zero. */
  readonly start?: SoftmaxRegression | undefined;
  /** The largest component of the gradient to be content with. Default 1e-4. */
  readonly tolerance?: number;
  /** Ends the fit: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Samples with their classes. */
export interface Samples {
  /** float32 `[numSamples, dim]`. */
  readonly x: tf.Tensor2D;
  /** One-hot rows, float32 `[numSamples, numClasses]`. */
  readonly target: tf.Tensor2D;
}

/**
 * Fits softmax regression by L-BFGS: the unique minimum of mean cross-entropy + λ/2 ‖weight‖².
 *
 * @param parts all samples, in one part or several. The caller keeps owning them.
 */
export async function fitSoftmaxRegression(
  parts: readonly [Samples, ...Samples[]],
  { penalty, start, tolerance = 1e-4, signal }: SoftmaxRegressionOptions,
): Promise<SoftmaxRegression> {
  const numSamples = parts.reduce((sum, { x }) => sum + x.shape[0], 0);
  const numClasses = parts[0].target.shape[1];
  const numWeights = parts[0].x.shape[1] * numClasses;

  const evaluate = async (point: Float64Array): Promise<Evaluation> => {
    await setImmediate();
    signal?.throwIfAborted();
    const result = tf.tidy(() => tf.div(addAll(parts.map((part) => sumCrossEntropy(part, point))), numSamples));
    const means = await result.data<'float32'>();
    result.dispose();
    let value = means[0] as number;
    const gradient = new Float64Array(means.subarray(1));
    for (let index = 0; index < numWeights; index++) {
      const weight = point[index] as number;
      value += (penalty / 2) * weight ** 2;
      gradient[index] = (gradient[index] as number) + penalty * weight;
    }
    return { value, gradient };
  };

  const zero = new Float64Array(numWeights + numClasses);
  const { point } = await minimizeLbfgs(evaluate, start?.coefficients ?? zero, { tolerance });
  return { coefficients: point, numClasses };
}

/** The most probable class of each row of `x`, float32 `[numSamples, dim]`. */
export async function predictClasses(
  x: tf.Tensor2D,
  { coefficients, numClasses }: SoftmaxRegression,
): Promise<Int32Array> {
  const classes = tf.tidy(() => tf.argMax(scoresOf(x, coefficients, numClasses), 1));
  const predictions = Int32Array.from(await classes.data<'int32'>());
  classes.dispose();
  return predictions;
}

/** Mean cross-entropy of the samples, without the penalty. */
export async function meanCrossEntropy(samples: Samples, { coefficients }: SoftmaxRegression): Promise<number> {
  const sums = tf.tidy(() => sumCrossEntropy(samples, coefficients).slice([0], [1]));
  const [total] = await sums.data<'float32'>();
  sums.dispose();
  return (total as number) / samples.x.shape[0];
}

/**
 * Cross-entropy summed over the samples, then its gradient by the coefficients: float32 `[1 + (dim + 1) · numClasses]`,
 * one tensor so that one read fetches all.
 */
function sumCrossEntropy({ x, target }: Samples, coefficients: Float64Array): tf.Tensor1D {
  const logProbabilities = tf.logSoftmax(scoresOf(x, coefficients, target.shape[1])); // [numSamples, numClasses]
  const crossEntropy = tf.neg(tf.sum(tf.mul(logProbabilities, target)));
  const error = tf.sub<tf.Tensor2D>(tf.exp(logProbabilities), target); // the gradient by the scores
  const weightGradient = tf.matMul(x, error, true); // [dim, numClasses]
  return tf.concat1d([tf.reshape(crossEntropy, [1]), tf.reshape(weightGradient, [-1]), tf.sum(error, 0)]);
}

/** Scores, float32 `[numSamples, numClasses]`. */
function scoresOf(x: tf.Tensor2D, coefficients: Float64Array, numClasses: number): tf.Tensor2D {
  const numWeights = coefficients.length - numClasses;
  const weight = tf.tensor2d(new Float32Array(coefficients.subarray(0, numWeights)), [x.shape[1], numClasses]);
  const bias = tf.tensor1d(new Float32Array(coefficients.subarray(numWeights)));
  return tf.add<tf.Tensor2D>(tf.matMul(x, weight), bias);
}

function addAll(tensors: tf.Tensor1D[]): tf.Tensor1D {
  return tensors.reduce((sum, tensor) => tf.add(sum, tensor));
}
