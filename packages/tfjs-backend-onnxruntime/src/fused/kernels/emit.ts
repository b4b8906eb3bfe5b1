import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { emitProduct } from '../../kernels/matmul.ts';

const MICROSOFT = 'com.microsoft';

/** `[…, dim]` as a matrix `[rows, dim]`. */
export function emitRows(graph: GraphBuilder, x: Value): Value {
  const dim = x.shape.at(-1)!;
  return graph.reshape(x, [x.shape.slice(0, -1).reduce((product, length) => product * length, 1), dim]);
}

interface ProductOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly scale?: number;
}

/** `scale · a · b` over the last two axes, either factor transposed; equal batch axes. */
export function emitScaledProduct(graph: GraphBuilder, a: Value, b: Value, options: ProductOptions = {}): Value {
  const { transposeA = false, transposeB = false, scale = 1 } = options;
  const shape = [...a.shape.slice(0, -2), a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
  if (!transposeA && !transposeB && scale === 1) return graph.node('MatMul', [a, b], { shape });
  if (!graph.target.hasRuntimeOperators) {
    const product = emitProduct(graph, a, b, transposeA, transposeB);
    return scale === 1 ? product : graph.node('Mul', [product, graph.scalar(scale, 'float32')]);
  }
  return graph.node('FusedMatMul', [a, b], {
    shape,
    domain: MICROSOFT,
    attributes: { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: scale } },
  });
}

/** Arithmetic on values, the larger shape first where one is broadcast. */
export const arithmetic = (graph: GraphBuilder) =>
  ({
    add: (a: Value, b: Value) => graph.node('Add', [a, b]),
    sub: (a: Value, b: Value) => graph.node('Sub', [a, b]),
    mul: (a: Value, b: Value) => graph.node('Mul', [a, b]),
    div: (a: Value, b: Value) => graph.node('Div', [a, b]),
    scaled: (a: Value, factor: number) => graph.node('Mul', [a, graph.scalar(factor, 'float32')]),
  }) as const;
