import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';

/** One operation of a random program: which, on which of the values so far, and a number that it may use. */
export interface Step {
  readonly operation: string;
  readonly first: number;
  readonly second: number;
  readonly choice: number;
}

export interface RandomProgram {
  readonly inputs: readonly (readonly number[])[];
  readonly steps: readonly Step[];
}

type Operation = (a: tf.Tensor, b: tf.Tensor, choice: number) => tf.Tensor;

const ROWS = 4;
const COLUMNS = 6;
const SHAPE: [number, number] = [ROWS, COLUMNS];

/** Operations on matrices of one shape that return a matrix of that shape. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  add: (a, b) => a.add(b),
  addRow: (a, b, choice) => a.add(b.slice([choice % ROWS, 0], [1, COLUMNS])),
  batchNorm: (a, b) => {
    const row = b.slice([0, 0], [1, COLUMNS]).reshape<tf.Tensor1D>([COLUMNS]);
    return tf.batchNorm(a, b.mean(0), b.square().mean(0).add(0.5), row, row);
  },
  broadcastColumn: (a, b) => a.mul(b.sum(1, true)),
  clip: (a, _, choice) => a.clipByValue(-0.25 - choice / 100, 0.5),
  concat: (a, b, choice) => tf.concat([a, b], choice % 2).slice([0, 0], SHAPE),
  convolve: (a, b, choice) =>
    tf
      .conv2d(
        a.reshape<tf.Tensor4D>([1, ROWS, COLUMNS, 1]),
        b.slice([0, 0], [2, 2]).reshape<tf.Tensor4D>([2, 2, 1, 1]),
        1 + (choice % 2),
        'same',
      )
      .mean()
      .add(a),
  // Along the last axis only: tfjs's gradient along another one has the wrong shape.
  cumsum: (a, _, choice) => a.cumsum(1, choice % 3 === 0, choice % 5 === 0),
  depthwise: (a, b) =>
    tf
      .depthwiseConv2d(
        a.reshape<tf.Tensor4D>([1, ROWS, 3, 2]),
        b.slice([0, 0], [2, 4]).reshape<tf.Tensor4D>([2, 2, 2, 1]),
        1,
        'same',
      )
      .reshape(SHAPE),
  divide: (a, b) => a.div(b.square().add(1)),
  elu: (a) => a.elu(),
  exp: (a) => a.minimum(2).exp(),
  gather: (a, _, choice) => a.gather(tf.tensor1d([choice % ROWS, 3, 0, 1], 'int32')),
  gelu: (a) => a.mul(a.mul(Math.SQRT1_2).erf().add(1)).mul(0.5),
  leakyRelu: (a) => a.leakyRelu(0.1),
  logSoftmax: (a) => a.logSoftmax(),
  matMul: (a, b, choice) =>
    choice % 2 === 0 ? a.matMul(b, false, true).matMul(a) : a.matMul(b, true).transpose().slice([0, 0], SHAPE),
  maximum: (a, b) => a.maximum(b),
  maxPool: (a) =>
    tf
      .maxPool(a.reshape<tf.Tensor4D>([1, ROWS, COLUMNS, 1]), 2, 2, 'same')
      .mean()
      .add(a),
  mean: (a, b, choice) => a.sub(b.mean(choice % 2, true)),
  multiply: (a, b) => a.mul(b),
  negate: (a) => a.neg(),
  norm: (a, _, choice) =>
    a.div(
      a
        .square()
        .sum(choice % 2, true)
        .add(1)
        .sqrt(),
    ),
  oneHot: (a, _, choice) => a.mul(tf.oneHot(tf.tensor1d([choice % 7, 5, 0, 2], 'int32'), COLUMNS)),
  pad: (a, _, choice) =>
    a
      .pad(
        [
          [0, 0],
          [choice % 3, 0],
        ],
        choice % 2,
      )
      .slice([0, 0], SHAPE),
  relu: (a) => a.relu(),
  // Square pictures only: the cpu backend's gradient exchanges height and width.
  resize: (a) =>
    tf.image
      .resizeBilinear(a.slice([0, 0], [ROWS, ROWS]).reshape<tf.Tensor4D>([1, ROWS, ROWS, 1]), [3, 5], true)
      .mean()
      .add(a),
  reverse: (a, _, choice) => a.reverse(choice % 2),
  selu: (a) => a.selu(),
  sigmoid: (a) => a.sigmoid(),
  softmax: (a) => a.softmax(),
  softplus: (a) => a.softplus(),
  split: (a, _, choice) => tf.concat(tf.split(a, 2, choice % 2).toReversed(), choice % 2),
  square: (a) => a.square(),
  squaredDifference: (a, b) => a.squaredDifference(b),
  stack: (a, b, choice) => tf.stack([a, b], choice % 3).mean(choice % 3),
  subtract: (a, b) => a.sub(b),
  tanh: (a) => a.tanh(),
  tile: (a) => a.slice([0, 0], [2, 3]).tile([2, 2]),
  transpose: (a) => a.reshape([COLUMNS, ROWS]).transpose(),
  unsortedSegmentSum: (a, _, choice) => tf.unsortedSegmentSum(a, tf.tensor1d([0, choice % 4, 3, 1], 'int32'), ROWS),
  unstack: (a, b, choice) => tf.stack(tf.unstack(b, choice % 2), choice % 2).sub(a),
  where: (a, b, choice) => tf.where(tf.tensor2d([choice % 2, 1, 0, choice % 3], [ROWS, 1], 'bool'), a, b.mul(2)),
};

/** Programs of 5 to 60 operations over three inputs. */
export const randomPrograms: fc.Arbitrary<RandomProgram> = fc.record({
  inputs: fc.array(
    fc.array(
      fc.integer({ min: -1000, max: 1000 }).map((n) => n / 1000),
      { minLength: 24, maxLength: 24 },
    ),
    {
      minLength: 3,
      maxLength: 3,
    },
  ),
  steps: fc.array(
    fc.record({
      operation: fc.constantFrom(...Object.keys(OPERATIONS)),
      first: fc.nat(),
      second: fc.nat(),
      choice: fc.nat({ max: 30 }),
    }),
    { minLength: 5, maxLength: 60 },
  ),
});

/** The value of a program and its gradients for the inputs, on the current backend. */
export function evaluate({ inputs, steps }: RandomProgram): number[][] {
  return tf.tidy(() => {
    const tensors = inputs.map((values) => tf.tensor2d([...values], SHAPE));
    const { value, grads } = tf.valueAndGrads((...parameters: tf.Tensor[]) => runSteps(parameters, steps))(tensors);
    return [value, ...grads].map((tensor) => Array.from(tensor.dataSync()));
  });
}

function runSteps(parameters: readonly tf.Tensor[], steps: readonly Step[]): tf.Scalar {
  const values = [...parameters];
  for (const { operation, first, second, choice } of steps) {
    const [a, b] = [values[first % values.length]!, values[second % values.length]!];
    // Kept small, so that a long program neither overflows nor magnifies what rounding differs in.
    values.push(OPERATIONS[operation]!(a, b, choice).tanh());
  }
  return tf.addN<tf.Scalar>(values.map((value) => value.mean()));
}
