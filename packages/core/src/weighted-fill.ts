import * as tf from '@tensorflow/tfjs';
import { countPositions, countVisible, visibleIndices } from './positions.ts';
import { checkShape } from './shape.ts';
import type { Visibility } from './visibility.ts';

/**
 * The weights W of a fill that is a weighted sum of the visible features, z_p = Σ_v W[p, v] z_v, with a row for every
 * position. Rows of visible positions pick themselves, so that one product gives the whole grid in raster order.
 */
export interface FillWeights {
  /** float32 `[numSamples, height * width, numVisible]`. */
  readonly values: Float32Array;
  /** 1 where one set of weights serves every sample, else the batch size. */
  readonly numSamples: number;
}

/**
 * Weights from a rule that writes the rows of one sample's masked positions.
 *
 * @param fillRows gets the sample's visible raster indices, ascending, and its `[positions, numVisible]` part of the
 *   weights, zero but for the rows of visible positions.
 */
export function buildWeights(
  visibility: Visibility,
  fillRows: (visible: Int32Array, rows: Float32Array) => void,
): FillWeights {
  const numPositions = countPositions(visibility.grid);
  const numVisible = countVisible(visibility);
  const isShared = visibility.kind === 'block' && visibility.blocks.length === 1;
  const numSamples = isShared ? 1 : visibility.batchSize;
  const indices = visibleIndices(visibility);
  const values = new Float32Array(numSamples * numPositions * numVisible);
  for (let sample = 0; sample < numSamples; sample++) {
    const visible = indices.subarray(sample * numVisible, (sample + 1) * numVisible);
    const rows = values.subarray(sample * numPositions * numVisible, (sample + 1) * numPositions * numVisible);
    for (let v = 0; v < numVisible; v++) rows[visible[v]! * numVisible + v] = 1;
    fillRows(visible, rows);
  }
  return { values, numSamples };
}

/**
 * Weighted sums of the visible features: W z, one batched product.
 *
 * @param features float32 `[batch, numVisible, dim]`, raster order.
 * @returns float32 `[batch, height * width, dim]`, raster order. The caller disposes it.
 */
export function applyWeights(features: tf.Tensor3D, weights: FillWeights, visibility: Visibility): tf.Tensor3D {
  const numVisible = countVisible(visibility);
  const sizes = [visibility.batchSize, numVisible, null];
  checkShape('applyWeights', 'features', features, ['batch', 'numVisible', 'dim'], sizes);
  return tf.tidy(() => {
    const shape: [number, number, number] = [weights.numSamples, countPositions(visibility.grid), numVisible];
    return tf.matMul(tf.tensor3d(weights.values, shape), features);
  });
}
