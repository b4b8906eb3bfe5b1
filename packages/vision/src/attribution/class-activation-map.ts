import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Class activation maps (Zhou et al., arXiv 1512.04150, equation 2) of a linear classifier of mean-pooled features: what
 * each place adds to the score of a class,
 *
 *     M(x, y) = Σₖ w[k, class] · f(x, y)[k],
 *
 * so that the class's score is the mean of the map plus its bias.
 *
 * @param features float32 `[batch, height, width, dim]`.
 * @param weight of the classifier, float32 `[dim, numClasses]`.
 * @param labels the class of each image that is to be explained, `[batch]`.
 * @returns float32 `[batch, height, width]`. The caller disposes it.
 * @throws InputError if sizes don't fit or a label is no class.
 */
export function classActivationMap(features: tf.Tensor4D, weight: tf.Tensor2D, labels: Int32Array): tf.Tensor3D {
  const [batch, height, width, dim] = features.shape;
  const [inputDim, numClasses] = weight.shape;
  if (inputDim !== dim) {
    throw new InputError(
      `classActivationMap: weight must be [dim, numClasses] = [${dim}, numClasses], got [${weight.shape.join(', ')}]`,
    );
  }
  if (labels.length !== batch || labels.some((label) => !(label >= 0 && label < numClasses))) {
    throw new InputError(
      `classActivationMap: labels must be ${batch} class numbers below ${numClasses}, got ${labels.join(', ')}`,
    );
  }
  return tf.tidy(() => {
    const weights = tf.gather(weight, tf.tensor1d(labels, 'int32'), 1).transpose().expandDims(-1); // [batch, dim, 1]
    const places = features.reshape([batch, height * width, dim]);
    return tf.matMul(places, weights).reshape<tf.Tensor3D>([batch, height, width]);
  });
}
