import type { Batch, BatchSource } from '@qb-heat/training';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { Grid } from '@qb-heat/core';
import type { AnnotatedPicture } from './data/detection-dataset.ts';
import type { FeatureMaps } from './feature-maps.ts';
import { makeTargets } from './targets.ts';
import type { GridObjects } from './targets.ts';

/** Feature maps of a frozen backbone, and what the head has to predict from them. */
export interface DetectionBatch extends Batch {
  /** float32 `[batch, height, width, dim]`. */
  readonly features: tf.Tensor4D;
  /** Weights of the middles of boxes, the share of each box of the batch in the loss, float32 `[batch, height, width, numClasses]`. */
  readonly centers: tf.Tensor4D;
  /** Weights of false alarms, of the same shape. */
  readonly negativeWeights: tf.Tensor4D;
  /** Left, top, right, bottom in cells, float32 `[batch, height, width, 4]`. */
  readonly boxes: tf.Tensor4D;
  /** In sum 1 for the batch, where boxes don't cover each other, float32 `[batch, height, width]`. */
  readonly boxWeights: tf.Tensor3D;
}

export interface DetectionBatchesOptions {
  readonly grid: Grid;
  readonly numClasses: number;
  readonly batchSize: number;
  /** Whether the maps go on with those of the mirrored pictures, to draw from with even chance. */
  readonly isMirrored: boolean;
  readonly seed: number;
}

/**
 * Batches to train a detection head on: every epoch goes through the pictures once in a new order, less a rest that
 * fills no batch. Batch number n depends on the seed and n alone.
 */
export function detectionBatches(
  pictures: readonly AnnotatedPicture[],
  maps: FeatureMaps,
  options: DetectionBatchesOptions,
): BatchSource<DetectionBatch> {
  const { grid, numClasses, batchSize, isMirrored, seed } = options;
  const random = createRandom(seed).fork('detection batches');
  const numBatches = Math.floor(pictures.length / batchSize);
  return (index) => {
    const order = random
      .fork('order')
      .fork(Math.floor(index / numBatches))
      .permutation(pictures.length);
    const first = (index % numBatches) * batchSize;
    const chosen = order.subarray(first, first + batchSize);
    const draw = random.fork('mirror').fork(index);
    const items = chosen.map((item) => (isMirrored && draw.uniform() < 0.5 ? item + pictures.length : item));
    const targets = [...items].map((item) =>
      makeTargets(placeOnGrid(pictures[item % pictures.length]!, grid, item >= pictures.length), grid, numClasses),
    );
    const numBoxes = Math.max(
      1,
      targets.reduce((sum, target) => sum + target.numBoxes, 0),
    );
    const cells = [batchSize, grid.height, grid.width] as const;
    const tensors = {
      features: maps.take(items),
      centers: tf.tensor4d(
        join(
          targets.map(({ centers }) => centers),
          1 / numBoxes,
        ),
        [...cells, numClasses],
      ),
      negativeWeights: tf.tensor4d(
        join(
          targets.map(({ negativeWeights }) => negativeWeights),
          1 / numBoxes,
        ),
        [...cells, numClasses],
      ),
      boxes: tf.tensor4d(join(targets.map(({ boxes }) => boxes)), [...cells, 4]),
      boxWeights: tf.tensor3d(
        join(
          targets.map(({ boxWeights }) => boxWeights),
          1 / numBoxes,
        ),
        [...cells],
      ),
    };
    return { ...tensors, numItems: batchSize, dispose: () => tf.dispose(tensors) };
  };
}

/** Arrays end to end, times a scale. */
function join(parts: readonly Float32Array[], scale = 1): Float32Array {
  const joined = new Float32Array(parts.length * parts[0]!.length);
  parts.forEach((part, i) => joined.set(scale === 1 ? part : part.map((value) => value * scale), i * part.length));
  return joined;
}

/** Boxes of a picture in cells of the grid, mirrored left to right if asked. */
export function placeOnGrid(picture: AnnotatedPicture, grid: Grid, isMirrored: boolean): GridObjects {
  const [scaleX, scaleY] = [grid.width / picture.width, grid.height / picture.height];
  const boxes = picture.boxes.map((value, i) => value * (i % 2 === 0 ? scaleX : scaleY));
  if (isMirrored) {
    for (let i = 0; i < boxes.length; i += 4) boxes[i] = grid.width - boxes[i]! - boxes[i + 2]!;
  }
  return { boxes, labels: picture.labels, isCrowd: picture.isCrowd };
}
