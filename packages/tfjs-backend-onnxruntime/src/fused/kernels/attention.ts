import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitScaledProduct } from './emit.ts';

/** query, key, value and maybe bias → y, the three by head `[batch, heads, length, headDim]`, the weights. */
export const ATTENTION = 'FusedAttention';
/** dy, the three by head, the weights → dquery, dkey, dvalue. */
export const ATTENTION_GRADIENT = 'FusedAttentionGradient';

interface AttentionAttributes {
  readonly numHeads: number;
  readonly scale: number;
}

registerOnnxKernel<AttentionAttributes>({
  kernelName: ATTENTION,
  inputs: ['query', 'key', 'value', 'bias'],
  infer: ([query, key], { numHeads }) => {
    const [batch, queryLength, dim] = query!.shape as [number, number, number];
    const byHead = (length: number) => ({
      shape: [batch, numHeads, length, dim / numHeads],
      dtype: 'float32' as const,
    });
    const keyLength = key!.shape[1]!;
    const weights = { shape: [batch, numHeads, queryLength, keyLength], dtype: 'float32' as const };
    return [query!, byHead(queryLength), byHead(keyLength), byHead(keyLength), weights];
  },
  emit: (graph, [query, key, value, bias], { numHeads, scale }) => {
    const [q, k, v] = [query!, key!, value!].map((x) => emitSplitHeads(graph, x, numHeads)) as [Value, Value, Value];
    const weights = emitWeights(graph, q, k, bias, scale);
    return [emitMergeHeads(graph, emitScaledProduct(graph, weights, v)), q, k, v, weights];
  },
});

registerOnnxKernel<AttentionAttributes>({
  kernelName: ATTENTION_GRADIENT,
  inputs: ['dy', 'query', 'key', 'value', 'weights'],
  infer: ([dy, , key]) => {
    const [batch, numHeads, keyLength, headDim] = key!.shape as [number, number, number, number];
    const dKey = { shape: [batch, keyLength, numHeads * headDim], dtype: 'float32' } as const;
    return [dy!, dKey, dKey];
  },
  emit: (graph, [dy, q, k, v, weights], { numHeads, scale }) => {
    const dContext = emitSplitHeads(graph, dy!, numHeads);
    const dValue = emitScaledProduct(graph, weights!, dContext, { transposeA: true });
    const dScores = emitWeightsGradient(graph, dContext, v!, weights!);
    const dQuery = emitScaledProduct(graph, dScores, k!, { scale });
    const dKey = emitScaledProduct(graph, dScores, q!, { transposeA: true, scale });
    return [dQuery, dKey, dValue].map((x) => emitMergeHeads(graph, x));
  },
});

/** `softmax(scale · query · keyᵀ + bias)` over the last axes. */
export function emitWeights(
  graph: GraphBuilder,
  query: Value,
  key: Value,
  bias: Value | undefined,
  scale: number,
): Value {
  const scores = emitScaledProduct(graph, query, key, { transposeB: true, scale });
  const shifted = bias === undefined ? scores : arithmetic(graph).add(scores, bias);
  return graph.node('Softmax', [shifted], { attributes: { axis: -1 } });
}

/** The gradient of the scores, scaled and shifted, from that of the weighted mean of the values. */
export function emitWeightsGradient(graph: GraphBuilder, dContext: Value, value: Value, weights: Value): Value {
  const { sub, mul } = arithmetic(graph);
  const weighted = mul(emitScaledProduct(graph, dContext, value, { transposeB: true }), weights);
  const total = graph.node('ReduceSum', [weighted, graph.int64s([-1])], {
    shape: [...weighted.shape.slice(0, -1), 1],
    attributes: { keepdims: 1 },
  });
  return sub(weighted, mul(weights, total));
}

/** `[batch, length, dim]` → `[batch, numHeads, length, headDim]`. */
function emitSplitHeads(graph: GraphBuilder, x: Value, numHeads: number): Value {
  const [batch, length, dim] = x.shape as [number, number, number];
  return graph.transpose(graph.reshape(x, [batch, length, numHeads, dim / numHeads]), [0, 2, 1, 3]);
}

/** `[batch, numHeads, length, headDim]` → `[batch, length, dim]`. */
function emitMergeHeads(graph: GraphBuilder, x: Value): Value {
  const [batch, numHeads, length, headDim] = x.shape as [number, number, number, number];
  return graph.reshape(graph.transpose(x, [0, 2, 1, 3]), [batch, length, numHeads * headDim]);
}
