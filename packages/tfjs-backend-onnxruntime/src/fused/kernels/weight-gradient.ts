import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { arithmetic, emitScaledProduct } from './emit.ts';

/**
 * `scale · Σ xᵀ · dy` over chunks of rows, `[xDim, dyDim]`. The narrower factor is turned round beforehand: it is read
 * once then, where ONNX Runtime's transposed product turns it again for every block of columns.
 */
export function emitWeightGradient(
  graph: GraphBuilder,
  xChunks: readonly Value[],
  dyChunks: readonly Value[],
  scale = 1,
): Value {
  const [xDim, dyDim] = [xChunks[0]!.shape[1]!, dyChunks[0]!.shape[1]!];
  if (xDim > dyDim) return transposed(graph, emitWeightGradient(graph, dyChunks, xChunks, scale));
  return emitSummedProducts(
    graph,
    xChunks.map((x) => transposed(graph, x)),
    dyChunks,
    scale,
  );
}

/** The gradients of `x · weight + bias`: `Σ xᵀ · dy`, `[xDim, dyDim]`, and the sums of the columns of dy, `[1, dyDim]`. */
export function emitAffineGradients(
  graph: GraphBuilder,
  xChunks: readonly Value[],
  dyChunks: readonly Value[],
): [dweight: Value, dbias: Value] {
  const [xDim, dyDim] = [xChunks[0]!.shape[1]!, dyChunks[0]!.shape[1]!];
  // A row of ones below xᵀ takes the sums along in the same product.
  const left = xChunks.map((x) => {
    const numRows = x.shape[0]!;
    const ones = graph.constant(new Float32Array(numRows).fill(1), 'float32', [1, numRows]);
    return graph.node('Concat', [transposed(graph, x), ones], { shape: [xDim + 1, numRows], attributes: { axis: 0 } });
  });
  const both = emitSummedProducts(graph, left, dyChunks, 1);
  const outputs = [xDim, 1].map((size) => ({ shape: [size, dyDim], dtype: both.dtype }));
  const pieces = graph.nodeWithOutputs('Split', [both, graph.int64s([xDim, 1])], outputs, { attributes: { axis: 0 } });
  return pieces as [Value, Value];
}

function emitSummedProducts(
  graph: GraphBuilder,
  left: readonly Value[],
  right: readonly Value[],
  scale: number,
): Value {
  // Not `Gemm`, which takes a sum along, but first copies it on one thread.
  const products = left.map((a, index) => emitScaledProduct(graph, a, right[index]!, { scale }));
  return products.reduce((total, product) => arithmetic(graph).add(total, product));
}

function transposed(graph: GraphBuilder, x: Value): Value {
  return graph.transpose(x, [1, 0]);
}
