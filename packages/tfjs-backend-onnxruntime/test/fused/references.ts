import { erf } from './check-operation.ts';

/** Plain float64 loops that fused operations are compared with. Tensors are flat. */

/** `x · weight + bias` over the last axis. */
export function affine(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const [outputDim, inputDim] = [bias.length, weight.length / bias.length];
  return Float64Array.from({ length: (x.length / inputDim) * outputDim }, (_, at) => {
    const row = Math.floor(at / outputDim);
    let sum = bias[at % outputDim]!;
    for (let i = 0; i < inputDim; i++) sum += x[row * inputDim + i]! * weight[i * outputDim + (at % outputDim)]!;
    return sum;
  });
}

export function geluOf(x: number): number {
  return (x * (1 + erf(x / Math.SQRT2))) / 2;
}

/** Layer norm over rows as long as `gamma`. */
export function normalizeRows(x: Float64Array, gamma: Float64Array, beta: Float64Array, epsilon: number): Float64Array {
  const dim = gamma.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += dim) {
    const row = x.subarray(start, start + dim);
    const mean = row.reduce((sum, value) => sum + value, 0) / dim;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / dim;
    for (const [i, value] of row.entries()) {
      y[start + i] = ((value - mean) / Math.sqrt(variance + epsilon)) * gamma[i]! + beta[i]!;
    }
  }
  return y;
}

interface AttentionSizes {
  readonly batch: number;
  readonly queryLength: number;
  readonly keyLength: number;
  readonly dim: number;
  readonly numHeads: number;
  readonly isHidden?: (sample: number, key: number) => boolean;
}

/** Scaled dot-product attention by head, `[batch, queryLength, dim]`. */
export function attend(q: Float64Array, k: Float64Array, v: Float64Array, sizes: AttentionSizes): Float64Array {
  const { batch, queryLength, keyLength, dim, numHeads, isHidden = () => false } = sizes;
  const headDim = dim / numHeads;
  const y = new Float64Array(batch * queryLength * dim);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < numHeads; h++) {
      for (let i = 0; i < queryLength; i++) {
        const queryAt = (b * queryLength + i) * dim + h * headDim;
        const keyAt = (j: number) => (b * keyLength + j) * dim + h * headDim;
        const weights = Array.from({ length: keyLength }, (_, j) => {
          if (isHidden(b, j)) return 0;
          let score = 0;
          for (let c = 0; c < headDim; c++) score += q[queryAt + c]! * k[keyAt(j) + c]!;
          return Math.exp(score / Math.sqrt(headDim));
        });
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let c = 0; c < headDim; c++) {
          for (let j = 0; j < keyLength; j++) y[queryAt + c]! += (weights[j]! / total) * v[keyAt(j) + c]!;
        }
      }
    }
  }
  return y;
}
