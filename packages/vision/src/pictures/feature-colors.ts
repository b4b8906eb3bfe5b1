import { InputError } from '@qb-heat/core';
import { EVD, Matrix } from 'ml-matrix';

/** A linear map from features to red, green and blue, from 0 to 1. */
export interface FeatureColors {
  /** `[numFeatures, dim]` → `[numFeatures, 3]`. */
  apply(features: Float32Array): Float32Array;
}

/** How many standard deviations of a component span the range of a color. */
const SPREAD = 4;

/**
 * Colors for features: their three principal components as red, green and blue, with the mean as mid-grey, and two
 * standard deviations of each component to either side. Fit them on the maps that are to be compared and apply them to
 * all, so that equal features have equal colors.
 *
 * @param features float32 `[numFeatures, dim]`, row-major.
 * @throws InputError if there are fewer than three channels.
 */
export function fitFeatureColors(features: Float32Array, dim: number): FeatureColors {
  if (dim < 3) throw new InputError(`fitFeatureColors: features need at least 3 channels for 3 colors, got ${dim}`);
  const numFeatures = features.length / dim;
  const mean = new Float64Array(dim);
  for (let i = 0; i < features.length; i++) mean[i % dim]! += features[i]! / numFeatures;
  const covariance = Matrix.zeros(dim, dim);
  const centred = new Float64Array(dim);
  for (let feature = 0; feature < numFeatures; feature++) {
    for (let i = 0; i < dim; i++) centred[i] = features[feature * dim + i]! - mean[i]!;
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j <= i; j++)
        covariance.set(i, j, covariance.get(i, j) + (centred[i]! * centred[j]!) / numFeatures);
    }
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) covariance.set(j, i, covariance.get(i, j));

  const { realEigenvalues, eigenvectorMatrix } = new EVD(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).toSorted((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const axes = order.slice(0, 3).map((component) => {
    const deviation = Math.sqrt(Math.max(realEigenvalues[component]!, Number.MIN_VALUE));
    const axis = eigenvectorMatrix.getColumn(component);
    // An axis and its opposite are equally good; the one with the larger end upwards repeats on every machine.
    const sign = Math.sign(axis.reduce((largest, value) => (Math.abs(value) > Math.abs(largest) ? value : largest), 0));
    return axis.map((value) => (sign * value) / (SPREAD * deviation));
  });
  return {
    apply(maps) {
      const colors = new Float32Array((maps.length / dim) * 3);
      for (let feature = 0; feature < maps.length / dim; feature++) {
        axes.forEach((axis, color) => {
          let value = 0.5;
          for (let i = 0; i < dim; i++) value += axis[i]! * (maps[feature * dim + i]! - mean[i]!);
          colors[feature * 3 + color] = Math.min(1, Math.max(0, value));
        });
      }
      return colors;
    },
  };
}
