import type { BlockVisibility } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { measureExtrapolation } from './extrapolation-cost.ts';
import type { ExtrapolationCase } from './extrapolation-cost.ts';
import { measureFillCost } from './fill-cost.ts';
import type { FillCase } from './fill-cost.ts';
import type { OperatorRecord } from './operator-record.ts';

export type { OperatorRecord } from './operator-record.ts';

export interface OperatorsExperimentOptions {
  /** Sides of the grids; 8, 16 and 32 by default. */
  readonly gridSizes?: readonly number[];
  /** Channels; 192 and 512 by default. */
  readonly dims?: readonly number[];
  /** Timed repeats, after one that doesn't count; 5 by default. */
  readonly numRepeats?: number;
  /** Grid cells in a batch; by default 8,192 on the backends with fast products and 512 on the others. */
  readonly numCells?: number;
  /** Compares the cost of fills for random masks with a training step, where products are fast; true by default. */
  readonly withTrainingStep?: boolean;
  /** Ends the experiment after the record at hand. */
  readonly signal?: AbortSignal;
}

const fastBackends = new Set(['onnxruntime', 'tensorflow', 'webgpu']);

/** 128 random masks on a 14×14 grid with a quarter visible, and of 144 tokens with 64 visible. */
const fillCases: readonly FillCase[] = [
  {
    fill: 'harmonic',
    grid: { height: 14, width: 14 },
    numVisible: 49,
    batchSize: 128,
    vit: { gridSize: 14, blockSize: 7 },
  },
  {
    fill: 'least-squares',
    grid: { height: 1, width: 144 },
    numVisible: 64,
    batchSize: 128,
    vit: { gridSize: 12, blockSize: 8 },
  },
];

/**
 * Times the extrapolations from a visible quarter of the grid against bare products of the same FLOPs, and the fills for
 * random masks against a training step, on tfjs's current backend. Yields each record as it is measured.
 */
export async function* runOperatorsExperiment(
  options: OperatorsExperimentOptions = {},
): AsyncGenerator<OperatorRecord, void, undefined> {
  const isFast = fastBackends.has(tf.getBackend());
  const {
    gridSizes = [8, 16, 32],
    dims = [192, 512],
    numRepeats = 5,
    numCells = isFast ? 8_192 : 512,
    withTrainingStep = true,
    signal,
  } = options;
  for (const extrapolationCase of extrapolationCases(gridSizes, dims, numCells)) {
    for await (const record of measureExtrapolation(extrapolationCase, numRepeats)) {
      yield record;
      if (signal?.aborted) return;
    }
  }
  if (!withTrainingStep || !isFast) return;
  for (const fillCase of fillCases) {
    for await (const record of measureFillCost(fillCase, numRepeats)) {
      yield record;
      if (signal?.aborted) return;
    }
  }
}

function* extrapolationCases(
  gridSizes: readonly number[],
  dims: readonly number[],
  numCells: number,
): Generator<ExtrapolationCase, void, undefined> {
  for (const size of gridSizes) {
    for (const dim of dims) {
      const batchSize = Math.max(1, Math.round(numCells / size ** 2));
      const shared = quarterBlocks(size, batchSize, false);
      yield { operation: 'stepwise', visibility: shared, dim, options: { mode: 'stepwise' } };
      yield {
        operation: 'stepwise, both routes',
        visibility: shared,
        dim,
        options: { mode: 'stepwise', route: 'mean' },
      };
      yield { operation: 'blockwise', visibility: shared, dim, options: { mode: 'blockwise' } };
      const own = quarterBlocks(size, batchSize, true);
      yield { operation: 'stepwise, a block per sample', visibility: own, dim, options: { mode: 'stepwise' } };
    }
  }
}

/** Blocks of half the grid's height and width: one in the middle, or one per sample all over the grid. */
function quarterBlocks(size: number, batchSize: number, perSample: boolean): BlockVisibility {
  const side = size / 2;
  const middle = Math.floor((size - side) / 2);
  const blocks = Array.from({ length: perSample ? batchSize : 1 }, (_, sample) => ({
    top: perSample ? sample % (size - side + 1) : middle,
    left: perSample ? (sample * 3) % (size - side + 1) : middle,
    height: side,
    width: side,
  }));
  return { kind: 'block', grid: { height: size, width: size }, batchSize, blocks };
}
