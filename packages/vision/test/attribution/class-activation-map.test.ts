import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { classActivationMap } from '../../src/attribution/class-activation-map.ts';
import { ImageClassifier } from '../../src/index.ts';
import { tinyBackbone } from '../detection/scene.ts';
import { tinyImages } from '../models.ts';

test('each place has its features weighted by the class of its own image', async () => {
  const features = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]);
  const weight = tf.tensor2d([1, 10, 100, -1, 0.5, 2], [2, 3]);
  const maps = classActivationMap(features, weight, Int32Array.of(1, 2));
  expect(maps.shape).toEqual([2, 1, 2]);
  // Image 0, class 1: 10 f₀ + 0.5 f₁. Image 1, class 2: 100 f₀ + 2 f₁.
  expect([...(await maps.data())]).toEqual([11, 32, 512, 716]);
});

test.each(['linear', 'tran-1'] as const)(
  "with a %s head a class's score is the mean of its map plus its bias",
  async (head) => {
    const classifier = new ImageClassifier(tinyBackbone(), { numClasses: 3, head, isFrozen: true, seed: 2 });
    const bias = [0.3, -0.2, 0.7];
    classifier.parameters.get('classes.bias')!.assign(tf.tensor1d(bias));
    const weight = classifier.parameters.get('classes.weight')!;
    weight.assign(tf.tensor(createRandom(5).normals(weight.size), weight.shape));
    const images = tinyImages(2);
    const labels = Int32Array.of(2, 0);
    const logits = await classifier.logits(images).array();
    const maps = classActivationMap(classifier.featureMap(images), weight as tf.Tensor as tf.Tensor2D, labels);
    const means = await maps.mean([1, 2]).data();
    labels.forEach((label, i) => expect(means[i]! + bias[label]!).toBeCloseTo(logits[i]![label]!, 4));
  },
);

test('sizes that do not fit, and labels that are no classes, are refused', () => {
  const features = tf.zeros<tf.Rank.R4>([2, 1, 2, 4]);
  expect(() => classActivationMap(features, tf.zeros([3, 5]), Int32Array.of(0, 1))).toThrow(
    'weight must be [dim, numClasses] = [4, numClasses], got [3, 5]',
  );
  for (const labels of [Int32Array.of(0), Int32Array.of(0, 5), Int32Array.of(-1, 0)]) {
    expect(() => classActivationMap(features, tf.zeros([4, 5]), labels)).toThrow('must be 2 class numbers below 5');
  }
});
