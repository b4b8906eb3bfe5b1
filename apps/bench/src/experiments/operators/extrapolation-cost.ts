import { countMasked, countVisible, extrapolate2d, LinearOperator } from '@qb-heat/core';
import type { BlockVisibility, ExtrapolateOptions } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { OperatorRecord } from './operator-record.ts';
import { finish, timeAlternately } from './time-repeats.ts';
import type { Timing } from './time-repeats.ts';

/** One extrapolation to time. */
export interface ExtrapolationCase {
  readonly operation: string;
  readonly visibility: BlockVisibility;
  readonly dim: number;
  readonly options: ExtrapolateOptions;
}

/** Times an extrapolation forward, and forward and backward, each against bare products of the same FLOPs. */
export async function* measureExtrapolation(
  { operation, visibility, dim, options }: ExtrapolationCase,
  numRepeats: number,
): AsyncGenerator<OperatorRecord, void, undefined> {
  const { grid, batchSize } = visibility;
  const numRows = batchSize * countMasked(visibility);
  const forwardFlop = 2 * numRows * dim ** 2;
  const features = normal<tf.Rank.R3>([batchSize, countVisible(visibility), dim], 1);
  const generators = [normal<tf.Rank.R2>([dim, dim], 2, 0.01), normal<tf.Rank.R2>([dim, dim], 3, 0.01)];
  const upstream = normal<tf.Rank.R3>([batchSize, grid.height * grid.width, dim], 4);
  const extrapolate = (...[z, a, b]: tf.Tensor[]): tf.Tensor3D =>
    extrapolate2d(
      z as tf.Tensor3D,
      visibility,
      {
        x: { direction: 'tied', both: new LinearOperator(a as tf.Tensor2D) },
        y: { direction: 'tied', both: new LinearOperator(b as tf.Tensor2D) },
      },
      options,
    );
  const rows = normal<tf.Rank.R2>([numRows, dim], 5);
  const matrix = generators[0]!;

  const passes = [
    {
      pass: 'forward',
      gflop: forwardFlop / 1e9,
      run: () => finish([extrapolate(features, ...generators)]),
      bare: () => finish([tf.matMul(rows, matrix, false, true)]),
    },
    {
      pass: 'forward + backward',
      gflop: (3 * forwardFlop) / 1e9,
      run: () => {
        const { value, grads } = tf.valueAndGrads(extrapolate)([features, ...generators], upstream);
        return finish([value, ...grads]);
      },
      // The gradients of z Mᵀ are dy M and dyᵀ z.
      bare: () =>
        finish([tf.matMul(rows, matrix, false, true), tf.matMul(rows, matrix), tf.matMul(rows, rows, true, false)]),
    },
  ] as const;
  for (const { pass, gflop, run, bare } of passes) {
    const [timing, bareTiming] = (await timeAlternately([run, bare], numRepeats)) as [Timing, Timing];
    yield {
      operation,
      pass,
      backend: tf.getBackend(),
      grid: `${grid.height}×${grid.width}`,
      dim,
      batchSize,
      durationMs: timing.medianMs,
      fastestMs: timing.fastestMs,
      slowestMs: timing.slowestMs,
      gflop,
      gflops: gflop / (timing.medianMs / 1_000),
      bareProductMs: bareTiming.medianMs,
      ratioToBareProduct: timing.medianMs / bareTiming.medianMs,
      trainingStepMs: null,
      shareOfTrainingStep: null,
    };
  }
  tf.dispose([features, upstream, rows, ...generators]);
}

function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number, standardDeviation = 1): tf.Tensor<R> {
  return tf.randomNormal<R>(shape, 0, standardDeviation, 'float32', seed);
}
