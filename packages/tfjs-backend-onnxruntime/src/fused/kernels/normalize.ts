import { sizeOf } from '../../graph/element-type.ts';
import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import type { TensorSpec } from '../../kernels/onnx-kernel.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';

/**
 * A layer norm and the linear map after it, `(gamma · n + beta) · weight + bias` with n = (x − mean) / deviation, are one
 * linear map of n. Scale and shift then act on the weights, which are small, and never on the rows.
 *
 * The bias goes into the weights too. What passes between is m = n + 1, and since the channels of n add up to 0, a matrix W
 * whose columns do so as well gives `m · (W + bias / dim) = n · W + bias`.
 */
interface NormParameters {
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

/** m = n + 1, `[rows, dim]`, and the inverse deviations, `[rows, 1]`. */
export function emitNormalize(graph: GraphBuilder, x: Value, epsilon: number): [m: Value, inverseDeviation: Value] {
  const rows = emitRows(graph, x);
  const [numRows, dim] = rows.shape as [number, number];
  const ones = graph.constant(new Float32Array(dim).fill(1), 'float32');
  const outputs = [rows.shape, [numRows, 1], [numRows, 1]].map((shape) => ({ shape, dtype: 'float32' as const }));
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const [m, , inverse] = graph.nodeWithOutputs('LayerNormalization', [rows, ones, ones], outputs, { attributes });
  return [m!, inverse!];
}

/** `gamma · weight` without the mean of its columns: `m` through it is `n · (gamma · weight)`. */
export function emitFoldedWeight(graph: GraphBuilder, { gamma }: NormParameters, weight: Value): Value {
  const { sub, mul } = arithmetic(graph);
  const scaled = mul(weight, graph.reshape(gamma, [weight.shape[0]!, 1]));
  return sub(scaled, emitColumnMeans(graph, scaled));
}

/** `beta · weight + bias`, `[1, outputDim]`. */
export function emitFoldedBias(graph: GraphBuilder, { beta }: NormParameters, weight: Value, bias: Value): Value {
  const shift = emitScaledProduct(graph, graph.reshape(beta, [1, weight.shape[0]!]), weight);
  return arithmetic(graph).add(shift, bias);
}

/** The matrix that m goes through to `(gamma · n + beta) · weight + bias`. */
export function emitFolded(graph: GraphBuilder, norm: NormParameters, weight: Value, bias: Value): Value {
  const { add, scaled } = arithmetic(graph);
  const share = scaled(emitFoldedBias(graph, norm, weight, bias), 1 / weight.shape[0]!);
  return add(emitFoldedWeight(graph, norm, weight), share);
}

/** The gradients of all that was folded, from `mᵀ · dy`, `[dim, outputDim]`; that of the bias is `[1, outputDim]`. */
export function emitFoldGradient(
  graph: GraphBuilder,
  { gamma, beta }: NormParameters,
  weight: Value,
  dFolded: Value,
): { dGamma: Value; dBeta: Value; dWeight: Value; dBias: Value } {
  const { add, sub, mul } = arithmetic(graph);
  const [dim, outputDim] = weight.shape as [number, number];
  // mᵀ · dy is nᵀ · dy, whose columns have no mean, and the sums of the columns of dy.
  const dBias = emitColumnMeans(graph, dFolded);
  const fromNormalized = sub(dFolded, dBias);
  const ones = graph.constant(new Float32Array(outputDim).fill(1), 'float32', [outputDim, 1]);
  return {
    dGamma: emitScaledProduct(graph, mul(weight, fromNormalized), ones),
    dBeta: emitScaledProduct(graph, dBias, weight, { transposeB: true }),
    dWeight: add(
      mul(fromNormalized, graph.reshape(gamma, [dim, 1])),
      emitScaledProduct(graph, graph.reshape(beta, [dim, 1]), dBias),
    ),
    dBias,
  };
}

/**
 * `dx = residual + (dn − n · mean(dn · n)) / deviation`. The gradient dn must come through a folded weight, and so have
 * no mean, as the gradient of the norm wants it.
 */
export function emitNormalizeGradient(
  graph: GraphBuilder,
  dn: Value,
  m: Value,
  inverseDeviation: Value,
  residual: Value,
): Value {
  const { add, sub, mul } = arithmetic(graph);
  const dim = m.shape[1]!;
  const share = graph.constant(new Float32Array(dim).fill(1 / dim), 'float32', [dim, 1]);
  const along = emitScaledProduct(graph, mul(dn, m), share); // [rows, 1]
  const projected = add(sub(dn, mul(m, along)), along);
  return add(mul(projected, inverseDeviation), residual);
}

function emitColumnMeans(graph: GraphBuilder, matrix: Value): Value {
  const numRows = matrix.shape[0]!;
  const share = graph.constant(new Float32Array(numRows).fill(1 / numRows), 'float32', [1, numRows]);
  return emitScaledProduct(graph, share, matrix);
}
