import { createRandom } from '@qb-heat/training';
import type { Batch, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

export const workloadNames = ['vit', 'convnet'] as const;
export type WorkloadName = (typeof workloadNames)[number];

/** A batch of one tensor of images or patches. */
export interface TensorBatch extends Batch {
  readonly values: tf.Tensor;
}

/** A training step that engines are compared by. */
export interface Workload {
  readonly name: WorkloadName;
  readonly model: PretrainingModel<TensorBatch>;
  /** Images in a batch. */
  readonly batchSize: number;
  /** Floating-point operations of the products in one step, forward and backward. */
  readonly flops: number;
  /** The batch of every step: the same numbers, uploaded anew as a data loader would. */
  readonly nextBatch: () => TensorBatch;
}

/** A source of one batch of standard normal numbers, which `seed` determines. */
export function normalBatches(shape: readonly number[], seed: number): () => TensorBatch {
  const values = createRandom(seed).normals(tf.util.sizeFromShape([...shape]));
  return () => {
    const tensor = tf.tensor(values, [...shape], 'float32');
    return { numItems: shape[0]!, values: tensor, dispose: () => tensor.dispose() };
  };
}
