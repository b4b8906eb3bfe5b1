import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';

/** Features of frozen samples with their classes: of an encoder, or of a control such as raw pixels. */
export interface LabelledFeatures {
  /** float32 `[numSamples, dim]`, row by row. The caller keeps owning a tensor. */
  readonly features: Float32Array | tf.Tensor2D;
  /** The class of each sample, 0 … numClasses − 1. */
  readonly labels: Int32Array;
  readonly numClasses: number;
}

/** What a probe says about the test set. */
export interface ProbeResult {
  /** Share of test samples that are classified right, from 0 to 1. */
  readonly accuracy: number;
  /** The class predicted for each test sample. */
  readonly predictions: Int32Array;
}

/** The features as plain numbers, checked. */
export interface FeatureMatrix {
  readonly values: Float32Array;
  readonly numSamples: number;
  readonly dim: number;
  readonly labels: Int32Array;
  readonly numClasses: number;
}

/**
 * Reads and checks both sets of a probe.
 *
 * Throws an `InputError` that starts with the probe's name when a set is empty, when sizes, dimensions or classes don't
 * fit each other, or when a feature is not finite.
 */
export async function readSets(
  probe: string,
  train: LabelledFeatures,
  test: LabelledFeatures,
): Promise<{ train: FeatureMatrix; test: FeatureMatrix }> {
  const [trainMatrix, testMatrix] = [await read(`${probe}: train`, train), await read(`${probe}: test`, test)];
  if (trainMatrix.dim !== testMatrix.dim) {
    throw new InputError(`${probe}: train has ${trainMatrix.dim} features per sample, test has ${testMatrix.dim}`);
  }
  if (trainMatrix.numClasses !== testMatrix.numClasses) {
    throw new InputError(`${probe}: train has ${trainMatrix.numClasses} classes, test has ${testMatrix.numClasses}`);
  }
  return { train: trainMatrix, test: testMatrix };
}

async function read(what: string, { features, labels, numClasses }: LabelledFeatures): Promise<FeatureMatrix> {
  const values = features instanceof tf.Tensor ? await features.data<'float32'>() : features;
  const numSamples = labels.length;
  if (numSamples === 0) throw new InputError(`${what} set is empty`);
  const dim = values.length / numSamples;
  if (!Number.isInteger(dim) || dim === 0 || (features instanceof tf.Tensor && features.shape[0] !== numSamples)) {
    const got = features instanceof tf.Tensor ? `[${features.shape.join(', ')}]` : `${values.length} numbers`;
    throw new InputError(`${what} features must be [${numSamples}, dim], one row per label, got ${got}`);
  }
  const wrongLabel = labels.find((label) => label < 0 || label >= numClasses);
  if (wrongLabel !== undefined) {
    throw new InputError(`${what} labels must be from 0 to ${numClasses - 1}, got ${wrongLabel}`);
  }
  const wrongFeature = values.findIndex((value) => !Number.isFinite(value));
  if (wrongFeature !== -1) {
    const sample = Math.floor(wrongFeature / dim);
    throw new InputError(`${what} features must be finite, got ${values[wrongFeature]} in sample ${sample}`);
  }
  return { values, numSamples, dim, labels, numClasses };
}
