import { createFill, harmonicWeights, isotropic, leastSquaresWeights, LinearOperator } from '@qb-heat/core';
import type { FillName, Grid, ScatteredVisibility } from '@qb-heat/core';
import { AdamW, constantRate, createRandom, pretrain } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { createVitStep, referenceVitStep } from '../engine/vit-step.ts';
import type { OperatorRecord } from './operator-record.ts';
import { finish, timeRepeats } from './time-repeats.ts';
import type { Timing } from './time-repeats.ts';

/** Random masks, and the training step that their cost is held against: a ViT that sees as many positions of as many. */
export interface FillCase {
  readonly fill: 'harmonic' | 'least-squares';
  readonly grid: Grid;
  readonly numVisible: number;
  readonly batchSize: number;
  /** Patches along each side of the image and of the visible block of the ViT. */
  readonly vit: { readonly gridSize: number; readonly blockSize: number };
}

/** Times a fill's weights, of masks drawn anew each time, and the fill as a whole, against a training step. */
export async function* measureFillCost(
  { fill, grid, numVisible, batchSize, vit }: FillCase,
  numRepeats: number,
): AsyncGenerator<OperatorRecord, void, undefined> {
  const { dim } = referenceVitStep;
  const step = await timeTrainingStep({ ...referenceVitStep, ...vit, batchSize }, numRepeats);
  const masks = drawMasks(grid, numVisible, batchSize);
  const toRecord = (operation: string, pass: OperatorRecord['pass'], timing: Timing): OperatorRecord => ({
    operation,
    pass,
    backend: tf.getBackend(),
    grid: `${grid.height}×${grid.width}`,
    dim,
    batchSize,
    durationMs: timing.medianMs,
    fastestMs: timing.fastestMs,
    slowestMs: timing.slowestMs,
    gflop: null,
    gflops: null,
    bareProductMs: null,
    ratioToBareProduct: null,
    trainingStepMs: step.medianMs,
    shareOfTrainingStep: timing.medianMs / step.medianMs,
  });
  yield toRecord(`${fill} weights`, 'forward', await timeWeights(fill, masks, dim, numRepeats));
  yield toRecord(fill, 'forward + backward', await timeFill(fill, masks, dim, numRepeats));
}

/** Of all that depends on the masks and the operator alone. */
async function timeWeights(
  fill: FillCase['fill'],
  masks: () => ScatteredVisibility,
  dim: number,
  numRepeats: number,
): Promise<Timing> {
  if (fill === 'harmonic') return timeRepeats(() => void harmonicWeights(masks(), isotropic), numRepeats);
  const generator = tf.randomNormal<tf.Rank.R2>([dim, dim], 0, 0.3 / Math.sqrt(dim), 'float32', 1);
  const operator = new LinearOperator(generator);
  const timing = await timeRepeats(() => {
    const { transition, gains, inverse } = leastSquaresWeights(masks(), operator);
    return finish(inverse === null ? [transition, ...gains] : [transition, ...gains, inverse]);
  }, numRepeats);
  generator.dispose();
  return timing;
}

async function timeFill(
  name: FillName,
  masks: () => ScatteredVisibility,
  dim: number,
  numRepeats: number,
): Promise<Timing> {
  const { grid, numVisible, batchSize } = masks();
  const fill = createFill(name, { dim, grid, seed: 1 });
  const features = tf.randomNormal([batchSize, numVisible, dim], 0, 1, 'float32', 2);
  const upstream = tf.randomNormal([batchSize, grid.height * grid.width, dim], 0, 1, 'float32', 3);
  const variables = [...fill.parameters.values()];
  const timing = await timeRepeats(() => {
    const visibility = masks();
    const apply = (z: tf.Tensor): tf.Tensor => fill.apply(z as tf.Tensor3D, visibility);
    const { value, grads } = tf.valueAndGrads((...[z]) => apply(z!))([features, ...variables], upstream);
    return finish([value, ...grads]);
  }, numRepeats);
  tf.dispose([features, upstream]);
  fill.dispose();
  return timing;
}

async function timeTrainingStep(size: typeof referenceVitStep, numRepeats: number): Promise<Timing> {
  const workload = createVitStep(size, 0);
  const optimizer = new AdamW(workload.model.parameters);
  const steps = pretrain(workload.model, {
    batches: () => workload.nextBatch(),
    optimizer,
    schedule: constantRate(1e-4),
    numSteps: numRepeats + 1,
  });
  const timing = await timeRepeats(async () => void (await steps.next()), numRepeats);
  await steps.return(undefined);
  optimizer.dispose();
  workload.model.dispose();
  return timing;
}

/** Random masks, other ones at every call. */
function drawMasks(grid: Grid, numVisible: number, batchSize: number): () => ScatteredVisibility {
  const random = createRandom(1);
  const numPositions = grid.height * grid.width;
  return () => {
    const indices = new Int32Array(batchSize * numVisible);
    for (let sample = 0; sample < batchSize; sample++) {
      indices.set(random.sample(numPositions, numVisible).toSorted(), sample * numVisible);
    }
    return { kind: 'scattered', grid, batchSize, numVisible, indices };
  };
}
