import type { FeatureMatrix } from './labelled-features.ts';

/** Mean and 1 / √(variance + ε) of each feature over the samples. */
export interface FeatureStatistics {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** In float64 and in the order of the samples, so that the result is the same on every backend. */
export function measureFeatures({ values, numSamples, dim }: FeatureMatrix, epsilon: number): FeatureStatistics {
  const mean = new Float64Array(dim);
  for (let index = 0; index < values.length; index++) {
    const feature = index % dim;
    mean[feature] = (mean[feature] as number) + (values[index] as number) / numSamples;
  }
  const variance = new Float64Array(dim);
  for (let index = 0; index < values.length; index++) {
    const feature = index % dim;
    const deviation = (values[index] as number) - (mean[feature] as number);
    variance[feature] = (variance[feature] as number) + deviation ** 2 / numSamples;
  }
  return { mean, scale: variance.map((value) => 1 / Math.sqrt(value + epsilon)) };
}

/**
 * (features − mean) · scale: batch normalization without affine terms, by the statistics of the training set.
 *
 * @param numbers of the samples wanted, in the order wanted. Default: all.
 */
export function standardize(
  { values, numSamples, dim }: FeatureMatrix,
  { mean, scale }: FeatureStatistics,
  numbers: Int32Array = Int32Array.from({ length: numSamples }, (_, number) => number),
): Float32Array {
  const standardized = new Float32Array(numbers.length * dim);
  let place = 0;
  for (const number of numbers) {
    for (let feature = 0; feature < dim; feature++, place++) {
      const value = values[number * dim + feature] as number;
      standardized[place] = (value - (mean[feature] as number)) * (scale[feature] as number);
    }
  }
  return standardized;
}
