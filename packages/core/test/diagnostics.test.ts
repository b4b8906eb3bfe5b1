import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import {
  anisotropy,
  commutator,
  createFill,
  effectiveRank,
  eigenvalues,
  laplaceResidual,
  LinearOperator,
  matrixInverse,
  operatorResidual,
  spectralRadius,
} from '../src/index.ts';
import type { Scheme } from '../src/index.ts';
import { addScaled, expectClose, expectNoLeak, identity, multiply, noise, noiseMatrix } from './reference.ts';

/** The value within a scalar, which it disposes. */
function valueOf(scalar: tf.Scalar): number {
  const [value] = scalar.dataSync();
  scalar.dispose();
  return value!;
}

describe('spectralRadius', () => {
  it('is the largest modulus where eigenvalues are complex: a rotation scaled by 1.5', () => {
    const angle = 0.7;
    const rotation = [
      [Math.cos(angle), -Math.sin(angle)],
      [Math.sin(angle), Math.cos(angle)],
    ].map((row) => row.map((value) => 1.5 * value));
    expectClose([valueOf(spectralRadius(tf.tensor2d(rotation)))], [1.5], 1e-5);
  });

  it('takes a matrix far from normal, where the norm is no guide', () => {
    // Triangular, eigenvalues 0.5 and −0.8, norm above 100.
    expectClose(
      [
        valueOf(
          spectralRadius(
            tf.tensor2d([
              [0.5, 100],
              [0, -0.8],
            ]),
          ),
        ),
      ],
      [0.8],
      1e-4,
    );
  });

  it('is 1 for the identity and 0 for a nilpotent matrix', () => {
    expectClose([valueOf(spectralRadius(tf.eye(7)))], [1], 1e-6);
    expectClose(
      [
        valueOf(
          spectralRadius(
            tf.tensor2d([
              [0, 1],
              [0, 0],
            ]),
          ),
        ),
      ],
      [0],
      1e-6,
    );
  });

  it('agrees with the eigenvalues found in float64', async () => {
    const matrix = tf.tensor2d(noiseMatrix(20, 5));
    const [largest] = await eigenvalues(matrix);
    expectClose([valueOf(spectralRadius(matrix))], [Math.hypot(largest!.real, largest!.imaginary)], 1e-5);
  });
});

describe('commutator', () => {
  it('is ‖AB − BA‖ / (‖A‖ ‖B‖) by hand', () => {
    // AB = [[1, 0], [0, 0]], BA = [[0, 0], [0, 1]]: ‖AB − BA‖ = √2, both norms 1.
    expectClose(
      [
        valueOf(
          commutator(
            tf.tensor2d([
              [0, 1],
              [0, 0],
            ]),
            tf.tensor2d([
              [0, 0],
              [1, 0],
            ]),
          ),
        ),
      ],
      [Math.SQRT2],
    );
  });

  it('is 0 for operators that commute, and for zero ones', () => {
    const a = noiseMatrix(4, 2);
    expectClose([valueOf(commutator(tf.tensor2d(a), tf.tensor2d(multiply(a, a))))], [0], 1e-6);
    expect(valueOf(commutator(tf.zeros([4, 4]), tf.zeros([4, 4])))).toBe(0);
  });
});

describe('anisotropy', () => {
  it('is −A² (B²)⁻¹ in that order, by hand', async () => {
    // A² = [[1, 2], [0, 1]], B = diag(1, 2): −A² (B²)⁻¹ = −[[1, 2/4], [0, 1/4]]; the other order gives −[[1, 2], [0, 1/4]].
    const s = await anisotropy(
      tf.tensor2d([
        [1, 1],
        [0, 1],
      ]),
      tf.tensor2d([
        [1, 0],
        [0, 2],
      ]),
    );
    expectClose(s, [-1, -0.5, 0, -0.25]);
  });

  it('refuses a singular B², as before the first step of training', async () => {
    await expect(anisotropy(tf.eye(2), tf.zeros([2, 2]))).rejects.toThrow('anisotropy: B² must be regular');
  });
});

/** z(x, y) = exp(xA) exp(yB) z₀ by a scheme on a grid of spacing `delta`, with commuting A and B. */
function solution(scheme: Scheme, delta: number): { z: tf.Tensor4D; a: tf.Tensor2D; b: tf.Tensor2D } {
  const size = 6;
  const generatorA = [
    [0.3, 0.5],
    [-0.4, 0.2],
  ];
  const generatorB = addScaled(multiply(generatorA, generatorA), identity(2), 0.7);
  const [a, b] = [tf.tensor2d(generatorA), tf.tensor2d(generatorB)];
  const [moveX, moveY] = [a, b].map((generator) => new LinearOperator(generator, scheme).transition(delta));
  const rows: tf.Tensor[] = [];
  let start: tf.Tensor = tf.tensor2d([[1, -0.5]]);
  for (let y = 0; y < size; y++) {
    let z = start;
    for (let x = 0; x < size; x++) {
      rows.push(z);
      z = tf.matMul(z, moveX!, false, true);
    }
    start = tf.matMul(start, moveY!, false, true);
  }
  return { z: tf.concat(rows).reshape([1, size, size, 2]), a, b };
}

describe('laplaceResidual', () => {
  // Halving the spacing halves the residual of a first-order scheme and quarters that of a second-order one.
  it.each([
    ['euler', 2],
    ['cayley', 4],
    ['exact', 4],
  ] as const)('falls at the order of the scheme %s on z_xx + S z_yy = 0', async (scheme, factor) => {
    const residuals: number[] = [];
    for (const delta of [0.5, 0.25]) {
      const { z, a, b } = solution(scheme, delta);
      residuals.push(valueOf(laplaceResidual(z, await anisotropy(a, b))));
    }
    const fall = residuals[0]! / residuals[1]!;
    expect(fall).toBeGreaterThan(0.8 * factor);
    expect(fall).toBeLessThan(1.25 * factor);
  });

  it('stays large for another S', async () => {
    const { z, a, b } = solution('exact', 0.25);
    expect(valueOf(laplaceResidual(z, (await anisotropy(a, b)).neg()))).toBeGreaterThan(0.5);
  });
});

describe('operatorResidual', () => {
  it('is 0 for features that obey the operator and 1 for the step that copies', () => {
    const { z, a } = solution('euler', 0.5);
    const operator = new LinearOperator(a);
    expectClose([valueOf(operatorResidual(z, 'x', operator.step(0.5)))], [0], 1e-5);
    expectClose([valueOf(operatorResidual(z, 'x', operator.step(0)))], [1], 1e-6);
  });

  it('tells the axes apart', () => {
    const { z, a, b } = solution('euler', 0.5);
    expectClose([valueOf(operatorResidual(z, 'y', new LinearOperator(b).step(0.5)))], [0], 1e-5);
    expect(valueOf(operatorResidual(z, 'y', new LinearOperator(a).step(0.5)))).toBeGreaterThan(0.1);
  });
});

describe('effectiveRank', () => {
  it('counts equally used dimensions', async () => {
    // Four features at ±e₁, ±e₂ of three dimensions: two equal singular values, exp(log 2) = 2.
    const features = tf.tensor2d([
      [1, 0, 0],
      [-1, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
    ]);
    expectClose([await effectiveRank(features)], [2], 1e-5);
  });

  it('weighs singular values 3 and 1 by entropy', async () => {
    // p = (3/4, 1/4): exp(−3/4 log 3/4 − 1/4 log 1/4) = 1.7548
    const features = tf.tensor2d([
      [3, 0],
      [-3, 0],
      [0, 1],
      [0, -1],
    ]);
    expectClose([await effectiveRank(features)], [1.754_765], 1e-5);
  });

  it('is NaN where a feature is not finite', async () => {
    expect(await effectiveRank(tf.tensor2d([1, 2, 3, Number.NaN], [2, 2]))).toBeNaN();
    expect(await effectiveRank(tf.tensor2d([1, 2, 3, Infinity], [2, 2]))).toBeNaN();
  });

  it('is 0 where all features are equal, near 1 where they lie on a line', async () => {
    expect(await effectiveRank(tf.ones([5, 3]))).toBe(0);
    expectClose([await effectiveRank(tf.tensor2d(noise(9, 1), [9, 1]).mul(tf.tensor2d([[1, 2, -1]])))], [1], 1e-2);
  });
});

describe('diagnostics of fills', () => {
  it('names the operators by axis or direction', async () => {
    const context = { dim: 4, grid: { height: 3, width: 3 }, seed: 1 };
    const tied = await createFill('linear', context).diagnostics();
    expect(tied).toEqual({
      spectralRadiusX: expect.closeTo(1, 5),
      spectralRadiusY: expect.closeTo(1, 5),
      commutatorXY: 0,
    });
    const free = await createFill({ name: 'linear', direction: 'free' }, context).diagnostics();
    expect(Object.keys(free)).toEqual([
      'spectralRadiusLeft',
      'spectralRadiusRight',
      'spectralRadiusUp',
      'spectralRadiusDown',
      'commutatorRightDown',
    ]);
    expect(await createFill('mask-token', context).diagnostics()).toEqual({});
  });

  it('adds how far a feature map is from obeying each operator', async () => {
    const { z, a, b } = solution('euler', 1);
    const context = { dim: 2, grid: { height: 6, width: 6 }, seed: 1 };
    const tied = createFill('linear', context);
    tied.parameters.get('x')!.assign(a);
    const { residualX, residualY } = await tied.diagnostics(z);
    expectClose([residualX!, residualY!], [0, 1], 1e-5);
    const free = createFill({ name: 'linear', direction: 'free' }, context);
    // Down as the features go, and up by what undoes it: (I + B)⁻¹ = I + B₋.
    free.parameters.get('down')!.assign(b);
    const back = matrixInverse(tf.eye(2).add<tf.Tensor2D>(b)).sub<tf.Tensor2D>(tf.eye(2));
    free.parameters.get('up')!.assign(back);
    const { residualUp, residualDown, residualLeft } = await free.diagnostics(z);
    expectClose([residualUp!, residualDown!, residualLeft!], [0, 0, 1], 1e-4);
  });
});

it('diagnostics leave no tensors behind', async () => {
  const { z, a, b } = solution('exact', 0.25);
  expectNoLeak(() => [spectralRadius(a), commutator(a, b), laplaceResidual(z, a)]);
  const before = tf.memory().numTensors;
  await effectiveRank(z.reshape([-1, 2]));
  (await anisotropy(a, b)).dispose();
  expect(tf.memory().numTensors).toBe(before + 1); // the reshaped view
});
