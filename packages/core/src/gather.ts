import * as tf from '@tensorflow/tfjs';
import {
  checkVisibility,
  countMasked,
  countPositions,
  countVisible,
  maskedIndices,
  visibilityMask,
  visibleIndices,
} from './positions.ts';
import { checkShape } from './shape.ts';
import type { Visibility } from './visibility.ts';

/**
 * Values of the visible positions.
 *
 * @param x `[batch, height * width, dim]`, raster order: patches, pixels of patches, embeddings or features.
 * @returns `[batch, numVisible, dim]`, raster order, x's dtype. The caller disposes it.
 */
export function gatherVisible(x: tf.Tensor3D, visibility: Visibility): tf.Tensor3D {
  const { grid, batchSize } = visibility;
  const dim = x.shape[2];
  checkShape('gatherVisible', 'x', x, ['batch', 'positions', 'dim'], [batchSize, countPositions(grid), null]);
  if (visibility.kind === 'block' && visibility.blocks.length === 1) {
    const block = visibility.blocks[0]!;
    return tf.tidy(() =>
      x
        .reshape<tf.Tensor4D>([batchSize, grid.height, grid.width, dim])
        .slice([0, block.top, block.left, 0], [batchSize, block.height, block.width, dim])
        .reshape<tf.Tensor3D>([batchSize, block.height * block.width, dim]),
    );
  }
  return gatherPositions(x, visibleIndices(visibility), countVisible(visibility));
}

/**
 * Values of the masked positions.
 *
 * @param x `[batch, height * width, dim]`, raster order.
 * @returns `[batch, numMasked, dim]`, raster order, x's dtype. The caller disposes it.
 */
export function gatherMasked(x: tf.Tensor3D, visibility: Visibility): tf.Tensor3D {
  const sizes = [visibility.batchSize, countPositions(visibility.grid), null];
  checkShape('gatherMasked', 'x', x, ['batch', 'positions', 'dim'], sizes);
  return gatherPositions(x, maskedIndices(visibility), countMasked(visibility));
}

/**
 * Entries of each sample of `x` by index, none twice.
 *
 * @param x `[batch, length, dim]`.
 * @param indices int32 `[batch, count]`, each in `[0, length)`, distinct within a sample.
 * @returns `[batch, count, dim]`. The caller disposes it.
 */
export function gatherPositions(x: tf.Tensor3D, indices: Int32Array, count: number): tf.Tensor3D {
  const [batchSize, length, dim] = x.shape;
  const rows = indices.map((index, i) => Math.floor(i / count) * length + index);
  return tf.tidy(() => gatherRows(x.reshape([batchSize * length, dim]), rows).reshape([batchSize, count, dim]));
}

/**
 * Rows of a matrix by index, none twice. The gradient is a gather too, where `tf.gather`'s own is a scatter that most
 * backends run slowly.
 *
 * @param x `[numRows, dim]`.
 * @param indices int32 `[count]`, distinct rows of x; with `padded`, −1 too, any number of times, for a row of zeros.
 * @returns `[count, dim]`. The caller disposes it.
 */
export function gatherRows(x: tf.Tensor2D, indices: Int32Array, padded = false): tf.Tensor2D {
  const numRows = x.shape[0];
  const gather = tf.customGrad((...[input]: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: gatherOrZero(input as tf.Tensor2D, indices, padded),
    gradFunc: (dy: tf.Tensor2D) => {
      const inverse = new Int32Array(numRows).fill(-1);
      for (let i = 0; i < indices.length; i++) {
        if (indices[i] !== -1) inverse[indices[i]!] = i;
      }
      return gatherOrZero(dy, inverse, padded || indices.length < numRows);
    },
  }));
  return gather(x);
}

// Whether zeros are appended depends on shapes alone, never on the indices drawn: the graph is the same at every step.
function gatherOrZero(x: tf.Tensor2D, indices: Int32Array, padded: boolean): tf.Tensor2D {
  if (!padded) return tf.gather(x, tf.tensor1d(indices, 'int32'));
  const [numRows, dim] = x.shape;
  const withZeros = tf.concat([x, tf.zeros<tf.Rank.R2>([1, dim], x.dtype as 'float32')]);
  const rows = indices.map((index) => (index === -1 ? numRows : index));
  return tf.gather(withZeros, tf.tensor1d(rows, 'int32'));
}

/**
 * Features of every position: the visible ones where they are, a filler elsewhere.
 *
 * @param features float32 `[batch, numVisible, dim]`, raster order.
 * @param filler float32 `[1, dim]` for all samples or `[batch, dim]`, one per sample; gradients reach both arguments.
 * @returns float32 `[batch, height * width, dim]`, raster order. The caller disposes it.
 */
export function placeVisible(features: tf.Tensor3D, filler: tf.Tensor2D, visibility: Visibility): tf.Tensor3D {
  const { grid, batchSize } = visibility;
  checkVisibility(visibility);
  const numPositions = countPositions(grid);
  const numVisible = countVisible(visibility);
  const dim = features.shape[2];
  checkShape('placeVisible', 'features', features, ['batch', 'numVisible', 'dim'], [batchSize, numVisible, null]);
  checkShape('placeVisible', 'filler', filler, ['1 or batch', 'dim'], [filler.shape[0] === 1 ? 1 : batchSize, dim]);
  const numFillers = filler.shape[0];
  const numRows = batchSize * numVisible;
  const visible = visibleIndices(visibility).map((index, i) => Math.floor(i / numVisible) * numPositions + index);
  const source = new Int32Array(batchSize * numPositions);
  for (let cell = 0; cell < source.length; cell++) {
    source[cell] = numRows + (numFillers === 1 ? 0 : Math.floor(cell / numPositions));
  }
  for (let i = 0; i < numRows; i++) source[visible[i]!] = i;

  const place = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [rows, fillers] = inputs as [tf.Tensor, tf.Tensor];
    const all = tf.concat([rows.reshape([numRows, dim]), fillers]);
    return {
      value: tf.gather(all, tf.tensor1d(source, 'int32')).reshape<tf.Tensor3D>([batchSize, numPositions, dim]),
      gradFunc: (dy: tf.Tensor3D) => {
        const dyRows = dy.reshape<tf.Tensor2D>([batchSize * numPositions, dim]);
        const mask = tf.tensor(visibilityMask(visibility), [numFillers, 1, source.length / numFillers]);
        const dFiller = tf.matMul(mask, dy.reshape([numFillers, source.length / numFillers, dim]));
        return [
          tf.gather(dyRows, tf.tensor1d(visible, 'int32')).reshape(features.shape),
          dFiller.reshape(filler.shape),
        ];
      },
    };
  });
  return place(features, filler);
}
