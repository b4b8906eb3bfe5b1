import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { focalLoss, giouLoss } from '../../src/detection/detection-loss.ts';

test('focal loss is the sum over centers and false alarms', async () => {
  const logits = [2, -1, 0.5, -3];
  const centers = [0.5, 0, 0, 0.25];
  const negatives = [0, 1, 0.3, 0];
  const expected = logits.reduce((sum, logit, i) => {
    const p = 1 / (1 + Math.exp(-logit));
    return sum - (1 - p) ** 2 * Math.log(p) * centers[i]! - p ** 2 * Math.log(1 - p) * negatives[i]!;
  }, 0);
  const [loss] = await focalLoss(tf.tensor1d(logits), tf.tensor1d(centers), tf.tensor1d(negatives)).data();
  expect(loss).toBeCloseTo(expected, 5);
});

test('focal loss and its gradient stay finite for extreme logits', async () => {
  const logits = tf.tensor1d([-200, 200]);
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => focalLoss(x, tf.tensor1d([1, 0]), tf.tensor1d([0, 1])))(
    logits,
  );
  expect(await value.data()).toEqual(Float32Array.of(400));
  for (const slope of await grad.data()) expect(Math.abs(slope)).toBeCloseTo(1, 5);
});

test.each([
  // Apart: nothing shared, union 8, around both 6×2 = 12.
  [[4, 0, 6, 2], 1 + (12 - 8) / 12],
  // Half of it: shared 2, union 4, around both 4.
  [[0, 0, 2, 1], 1 - 2 / 4],
  // Askew: shared 1, union 7, around both 9.
  [[1, 1, 3, 3], 1 - 1 / 7 + 2 / 9],
  [[0, 0, 2, 2], 0],
])('GIoU loss of %j against 0, 0, 2, 2', async (box, expected) => {
  const [loss] = await giouLoss(tf.tensor2d([box]), tf.tensor2d([[0, 0, 2, 2]]), tf.tensor1d([3])).data();
  expect(loss).toBeCloseTo(3 * expected, 5);
});

test('cells of weight 0 add neither loss nor gradient, whatever their target', async () => {
  const predicted = tf.tensor2d([[1, 1, 3, 3]]);
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => giouLoss(x, tf.zeros([1, 4]), tf.tensor1d([0])))(predicted);
  expect([...(await value.data()), ...(await grad.data())].every((number) => number === 0)).toBe(true);
});

test('the gradient of the GIoU loss is that of finite differences', async () => {
  const random = createRandom(3);
  const target = tf.tensor2d([[1, 1.5, 4, 5]]);
  const box = [0.5, 1, 3.5, 4.4].map((value) => value + 0.1 * random.uniform());
  const at = async (values: number[]) => (await giouLoss(tf.tensor2d([values]), target, tf.tensor1d([1])).data())[0]!;
  const gradient = await tf
    .grad((x: tf.Tensor) => giouLoss(x, target, tf.tensor1d([1])))(tf.tensor2d([box]))
    .data();
  for (let i = 0; i < 4; i++) {
    const moved = (by: number) => at(box.map((value, k) => (k === i ? value + by : value)));
    expect(gradient[i]).toBeCloseTo(((await moved(0.01)) - (await moved(-0.01))) / 0.02, 2);
  }
});
