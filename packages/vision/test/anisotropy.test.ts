import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { anisotropyEigenvalues, describeAnisotropy } from '../src/anisotropy.ts';

function generators(names: readonly [string, string], a: number[][], b: number[][]): Map<string, tf.Variable> {
  return new Map([a, b].map((rows, i) => [names[i]!, tf.variable(tf.tensor2d(rows))]));
}

// A = diag(1, 2, 3), B = [[1, 0, 0], [0, 1, 1], [0, -1, 1]]: B² = [[1, 0, 0], [0, 0, 2], [0, -2, 0]], whose inverse is
// [[1, 0, 0], [0, 0, -1/2], [0, 1/2, 0]]. S = −A² (B²)⁻¹ = [[−1, 0, 0], [0, 0, 2], [0, −9/2, 0]]: eigenvalues −1, ±3i.
const a = [
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 3],
];
const b = [
  [1, 0, 0],
  [0, 1, 1],
  [0, -1, 1],
];

test.each([[['x', 'y']], [['right', 'down']]] as const)(
  'S has the eigenvalues worked out by hand: %s',
  async (names) => {
    const values = await anisotropyEigenvalues(generators(names, a, b));
    const expected = [
      [0, 3],
      [0, 3],
      [-1, 0],
    ];
    values!.forEach(({ real, imaginary }, i) => {
      expect(real).toBeCloseTo(expected[i]![0]!, 5);
      expect(Math.abs(imaginary)).toBeCloseTo(expected[i]![1]!, 5);
    });
  },
);

test('a few numbers sum the eigenvalues up', async () => {
  // −S = A² for B = I: eigenvalues −1, −4, −9; with B = diag(1, 1, i·i) nothing real changes sign, so all are waves.
  const identity = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const described = await describeAnisotropy(generators(['x', 'y'], a, identity));
  expect(described['anisotropyLargest']).toBeCloseTo(9, 4);
  expect(described['anisotropyMedian']).toBeCloseTo(4, 4);
  expect(described['anisotropySmallest']).toBeCloseTo(1, 4);
  expect(described['anisotropyHeatShare']).toBe(0);
  // A turn by 90° has the square −I, and so S = +I: heat.
  const turn = [
    [0, -1],
    [1, 0],
  ];
  const plain = [
    [1, 0],
    [0, 1],
  ];
  expect((await describeAnisotropy(generators(['x', 'y'], turn, plain)))['anisotropyHeatShare']).toBe(1);
});

test('before the first step, and without operators, there is no S', async () => {
  const zero = [
    [0, 0],
    [0, 0],
  ];
  expect(await describeAnisotropy(generators(['x', 'y'], zero, zero))).toEqual({});
  expect(await describeAnisotropy(new Map())).toEqual({});
  const one = [
    [1, 0],
    [0, 1],
  ];
  const tiny = [
    [1e-30, 0],
    [0, 1],
  ];
  expect(await describeAnisotropy(generators(['x', 'y'], one, tiny))).toEqual({});
});

test('no tensors are left over', async () => {
  const parameters = generators(['x', 'y'], a, b);
  const before = tf.memory().numTensors;
  await describeAnisotropy(parameters);
  expect(tf.memory().numTensors).toBe(before);
});
