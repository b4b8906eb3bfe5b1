/**
 * Floating-point operations of matrix products and convolutions, a multiply and an add counting as two. Element-wise
 * work is left out, as is usual: the counts say what a machine that did products alone would need.
 */

/** `rows` vectors through a `[inputDim, outputDim]` matrix. */
export function linearFlops(rows: number, inputDim: number, outputDim: number): number {
  return 2 * rows * inputDim * outputDim;
}

/** Scores and weighted sums of self-attention over `length` positions, all heads together. */
export function attentionFlops(batch: number, length: number, dim: number): number {
  return 2 * 2 * batch * length * length * dim;
}

/** One transformer block: query, key, value and output maps, attention, and an MLP of `mlpRatio · dim` hidden units. */
export function transformerBlockFlops(batch: number, length: number, dim: number, mlpRatio = 4): number {
  const rows = batch * length;
  return (
    4 * linearFlops(rows, dim, dim) + attentionFlops(batch, length, dim) + 2 * linearFlops(rows, dim, mlpRatio * dim)
  );
}

/** A square convolution that gives `positions` outputs in all, over the batch and the map. */
export function convolutionFlops(
  positions: number,
  kernelSize: number,
  inChannels: number,
  outChannels: number,
): number {
  return 2 * positions * kernelSize * kernelSize * inChannels * outChannels;
}

/** A square depthwise convolution that gives `positions` outputs in all. */
export function depthwiseFlops(positions: number, kernelSize: number, channels: number): number {
  return 2 * positions * kernelSize * kernelSize * channels;
}

/**
 * A training step: the backward pass has two products for each one forward, but the first layer's input needs no
 * gradient.
 */
export function trainingFlops(forward: number, firstLayer: number): number {
  return 3 * forward - firstLayer;
}
