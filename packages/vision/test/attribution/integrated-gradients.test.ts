import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { integratedGradients } from '../../src/attribution/integrated-gradients.ts';
import { ImageClassifier } from '../../src/index.ts';
import { squaresBackbone } from '../detection/scene.ts';
import { tinyImages } from '../models.ts';

/** The sum over each image, `[batch]`. */
function sumEach(x: tf.Tensor): tf.Tensor {
  return tf.sum(x, [1, 2, 3]);
}

test('of a linear score each pixel has its own weight times its way from the baseline, whatever the steps', async () => {
  const images = tf.tensor4d([1, 2, 3, 4, -1, 0, 5, 2], [2, 2, 2, 1]);
  const weights = tf.tensor4d([3, -1, 0, 2], [1, 2, 2, 1]);
  const score = (x: tf.Tensor4D) => sumEach(tf.mul(x, weights));
  expect([...(await integratedGradients(score, images, { numSteps: 1 }).data())]).toEqual([3, -2, 0, 8, -3, -0, 0, 4]);
  const baseline = tf.ones([1, 2, 2, 1]);
  expect([...(await integratedGradients(score, images, { numSteps: 1, baseline }).data())]).toEqual([
    0, -1, 0, 6, -6, 1, 0, 2,
  ]);
});

test('of a square the integral is x², of a cube x³, by the midpoint rule', async () => {
  const images = tf.tensor4d([3, -2], [2, 1, 1, 1]);
  const square = await integratedGradients((x) => sumEach(tf.square(x)), images, { numSteps: 1 }).data();
  expect([...square]).toEqual([9, 4]);
  // ∫ 3 (αx)² dα over two midpoints: 3 x² (1/16 + 9/16) / 2.
  const cube = await integratedGradients((x) => sumEach(tf.pow(x, 3)), images, { numSteps: 2 }).data();
  expect([...cube]).toEqual([27 * (15 / 16), -8 * (15 / 16)]);
});

test('a product is shared evenly: completeness, where the plain gradient fails', async () => {
  const image = tf.tensor4d([2, 5], [1, 1, 2, 1]);
  const attributions = integratedGradients((x) => tf.prod(x, 2).reshape([1]), image, { numSteps: 4 });
  expect([...(await attributions.data())]).toEqual([5, 5]);
});

test.each(['linear', 'tran-1'] as const)(
  "with a %s head the attributions sum to the change of the class's score",
  async (head) => {
    const classifier = new ImageClassifier(squaresBackbone(3), { numClasses: 3, head, isFrozen: true, seed: 2 });
    // A head that starts near zero says nothing; give it something to say.
    const random = createRandom(5);
    const weight = classifier.parameters.get('classes.weight')!;
    weight.assign(tf.tensor(random.normals(weight.size), weight.shape));
    const images = tinyImages(2, 4);
    const baseline = tf.onesLike(images).mul(0.4);
    const score = (x: tf.Tensor4D) => classifier.logits(x).slice([0, 1], [-1, 1]).reshape([-1]);
    const attributions = integratedGradients(score, images, { numSteps: 48, baseline });
    const total = await sumEach(attributions).data();
    const change = await tf.sub(score(images), score(baseline as tf.Tensor4D)).data();
    change.forEach((value, i) => {
      expect(Math.abs(value)).toBeGreaterThan(0.1);
      expect(Math.abs(total[i]! - value)).toBeLessThan(0.02 * Math.abs(value));
    });
  },
);

test('the images of a batch do not mix', async () => {
  const images = tinyImages(2);
  const [both, second] = await Promise.all(
    [images, images.slice<tf.Tensor4D>(1)].map((some) =>
      integratedGradients((x) => sumEach(tf.square(x)), some).data(),
    ),
  );
  expect(both!.slice(192)).toEqual(second);
});

test('no tensors are left, and no steps are refused', () => {
  const images = tinyImages(1);
  const before = tf.memory().numTensors;
  integratedGradients((x) => sumEach(x), images).dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => integratedGradients((x) => sumEach(x), images, { numSteps: 0 })).toThrow('positive whole number, got 0');
});
