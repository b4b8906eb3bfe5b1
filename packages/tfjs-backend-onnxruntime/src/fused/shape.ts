import type * as tf from '@tensorflow/tfjs';

/** Throws unless `tensor` has exactly `shape`; `layout` names its axes, as in `[dim]`. */
export function requireShape(
  operation: string,
  name: string,
  tensor: tf.Tensor,
  layout: string,
  shape: readonly number[],
): void {
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw new Error(
      `${operation}: ${name} must be ${layout} = [${shape.join(', ')}], got [${tensor.shape.join(', ')}]`,
    );
  }
}

/** Throws unless `tensor` has the rank of `layout`, such as `[batch, height, width, channels]`. */
export function requireRank(operation: string, name: string, tensor: tf.Tensor, layout: string, rank: number): void {
  if (tensor.rank !== rank) {
    throw new Error(`${operation}: ${name} must be ${layout}, got [${tensor.shape.join(', ')}]`);
  }
}

/** The size of the last axis. Throws on a scalar. */
export function lastDim(operation: string, name: string, tensor: tf.Tensor): number {
  const size = tensor.shape.at(-1);
  if (size === undefined) throw new Error(`${operation}: ${name} must have at least one axis, got a scalar`);
  return size;
}

/** `x` as a matrix whose columns are its last axis: `[rows, dim]`. A view. */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  const dim = x.shape.at(-1) ?? 1;
  return x.reshape([x.size / Math.max(dim, 1), dim]);
}
