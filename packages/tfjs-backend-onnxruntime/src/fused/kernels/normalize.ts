import { sizeOf } from '../../graph/element-type.ts';
import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import type { TensorSpec } from '../../kernels/onnx-kernel.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';

/**
 * A layer norm and the linear map after it, `(gamma · n + beta) · weight + bias` with n = (x − mean) / deviation, are one
 * linear map of n. Scale and shift then act on the weights, which are small, and never on the rows.
 */
export interface NormParameters {
  /** `[dim]`. */
  readonly gamma: Value;
  /** `[dim]`. */
  readonly beta: Value;
}

/** What {@link emitNormalize} gives for an x. */
export function normalizedSpecs(x: TensorSpec): [TensorSpec, TensorSpec] {
  const dim = x.shape.at(-1)!;
  const numRows = sizeOf(x.shape.slice(0, -1));
  return [
    { shape: [numRows, dim], dtype: 'float32' },
    { shape: [numRows, 1], dtype: 'float32' },
  ];
}

/** n, `[rows, dim]`, and the inverse deviations, `[rows, 1]`. */
export function emitNormalize(graph: GraphBuilder, x: Value, epsilon: number): [n: Value, inverseDeviation: Value] {
  const rows = emitRows(graph, x);
  const [numRows, dim] = rows.shape as [number, number];
  const ones = graph.constant(new Float32Array(dim).fill(1), 'float32');
  const outputs = [rows.shape, [numRows, 1], [numRows, 1]].map((shape) => ({ shape, dtype: 'float32' as const }));
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const [n, , inverseDeviation] = graph.nodeWithOutputs('LayerNormalization', [rows, ones], outputs, { attributes });
  return [n!, inverseDeviation!];
}

/** `gamma · weight`, by rows: the matrix that n goes through. */
export function emitFoldedWeight(graph: GraphBuilder, { gamma }: NormParameters, weight: Value): Value {
  return arithmetic(graph).mul(weight, graph.reshape(gamma, [sizeOf(gamma.shape), 1]));
}

/** `beta · weight + bias`, `[1, outputDim]`: what is added after it. */
export function emitFoldedBias(graph: GraphBuilder, { beta }: NormParameters, weight: Value, bias: Value): Value {
  const shift = emitScaledProduct(graph, graph.reshape(beta, [1, sizeOf(beta.shape)]), weight);
  return arithmetic(graph).add(shift, bias);
}

/** The gradients of gamma, beta and the weight from those of the folded weight and bias, `[dim, outputDim]` and `[1, outputDim]`. */
export function emitFoldGradient(
  graph: GraphBuilder,
  { gamma, beta }: NormParameters,
  weight: Value,
  dFolded: Value,
  dFoldedBias: Value,
): { dGamma: Value; dBeta: Value; dWeight: Value } {
  const { add, mul } = arithmetic(graph);
  const [dim, outputDim] = weight.shape as [number, number];
  const ones = graph.constant(new Float32Array(outputDim).fill(1), 'float32', [outputDim, 1]);
  return {
    dGamma: emitScaledProduct(graph, mul(weight, dFolded), ones),
    dBeta: emitScaledProduct(graph, dFoldedBias, weight, { transposeB: true }),
    dWeight: add(
      mul(dFolded, graph.reshape(gamma, [dim, 1])),
      emitScaledProduct(graph, graph.reshape(beta, [dim, 1]), dFoldedBias),
    ),
  };
}

/**
 * The folded weight without the mean of its columns. A gradient of n that comes through it has no mean, as the gradient
 * of the norm wants it.
 */
export function emitCentered(graph: GraphBuilder, folded: Value): Value {
  const dim = folded.shape[0]!;
  const share = graph.constant(new Float32Array(dim).fill(1 / dim), 'float32', [1, dim]);
  return arithmetic(graph).sub(folded, emitScaledProduct(graph, share, folded));
}

/** `dx = residual + (dn − n · mean(dn · n)) / deviation`, for a dn without mean. */
export function emitNormalizeGradient(
  graph: GraphBuilder,
  dn: Value,
  n: Value,
  inverseDeviation: Value,
  residual: Value,
): Value {
  const { add, sub, mul } = arithmetic(graph);
  const dim = n.shape[1]!;
  const share = graph.constant(new Float32Array(dim).fill(1 / dim), 'float32', [dim, 1]);
  const along = emitScaledProduct(graph, mul(dn, n), share); // [rows, 1]
  return add(mul(sub(dn, mul(n, along)), inverseDeviation), residual);
}
