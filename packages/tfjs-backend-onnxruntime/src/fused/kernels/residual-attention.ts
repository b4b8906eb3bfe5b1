import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { emitWeights, emitWeightsGradient } from './attention.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';
import {
  emitFolded,
  emitFoldedBias,
  emitFoldedWeight,
  emitFoldGradient,
  emitNormalize,
  emitNormalizeGradient,
  normalizedSpecs,
} from './normalize.ts';
import { emitWeightGradient } from './weight-gradient.ts';

/**
 * x, gamma, beta, weight and bias of query, key, value and output, and maybe a bias of the scores → y, then m,
 * 1 / deviation, query, key and value by head, the weights of the mean and the mean itself.
 *
 * Two biases never touch a row: that of the keys moves all scores of a query alike, which the softmax doesn't see; that of
 * the values goes through the mean as it is, and so into the bias of the output.
 */
export const RESIDUAL_ATTENTION = 'FusedResidualAttention';
/**
 * A list: dy, gamma, beta, the four weights, the bias of the values, then what was saved → dx and the gradients of the ten
 * parameters.
 */
export const RESIDUAL_ATTENTION_GRADIENT = 'FusedResidualAttentionGradient';

interface ResidualAttentionAttributes {
  readonly numHeads: number;
  readonly epsilon: number;
}

registerOnnxKernel<ResidualAttentionAttributes>({
  kernelName: RESIDUAL_ATTENTION,
  inputs: [
    'x',
    'gamma',
    'beta',
    'queryWeight',
    'queryBias',
    'keyWeight',
    'valueWeight',
    'valueBias',
    'outputWeight',
    'outputBias',
    'bias',
  ],
  infer: ([x], { numHeads }) => {
    const [batch, length, dim] = x!.shape as [number, number, number];
    const byHead = (size: number) => ({ shape: [numHeads, batch, length, size], dtype: 'float32' as const });
    const [rows, inverseDeviation] = normalizedSpecs(x!);
    return [x!, rows, inverseDeviation, ...[1, 2, 3].map(() => byHead(dim / numHeads)), byHead(length), rows];
  },
  emit: (graph, inputs, { numHeads, epsilon }) => {
    const [x, gamma, beta, queryWeight, queryBias, keyWeight, valueWeight, valueBias, outputWeight, outputBias, bias] =
      inputs as ForwardInputs;
    const { add } = arithmetic(graph);
    const norm = { gamma, beta };
    const [batch, length, dim] = x.shape as [number, number, number];
    const [m, inverseDeviation] = emitNormalize(graph, x, epsilon);
    const project = (folded: Value) =>
      emitHeads(graph, emitScaledProduct(graph, m, folded), [numHeads, batch, length, dim / numHeads]);
    const query = project(emitFolded(graph, norm, queryWeight, queryBias));
    const key = project(emitFoldedWeight(graph, norm, keyWeight));
    const value = project(emitFoldedWeight(graph, norm, valueWeight));
    const headsFirst = bias && graph.transpose(bias, [1, 0, 2, 3]);
    const weights = emitWeights(graph, query, key, headsFirst, Math.sqrt(numHeads / dim));
    const mean = emitMergeRows(graph, emitScaledProduct(graph, weights, value));
    const shiftOfMean = emitFoldedBias(graph, norm, valueWeight, valueBias);
    const output = emitScaledProduct(graph, mean, outputWeight);
    const outputShift = add(emitScaledProduct(graph, shiftOfMean, outputWeight), outputBias);
    const y = add(add(output, emitRows(graph, x)), outputShift);
    return [y, m, inverseDeviation, query, key, value, weights, mean];
  },
});

registerOnnxKernel({
  kernelName: RESIDUAL_ATTENTION_GRADIENT,
  inputs: 'list',
  infer: ([dy, gamma, beta, weight]) => [dy!, gamma!, beta!, ...[1, 2, 3, 4].flatMap(() => [weight!, gamma!])],
  emit: (graph, inputs) => {
    const [dy, gamma, beta, queryWeight, keyWeight, valueWeight, outputWeight, valueBias, ...saved] = inputs as [
      ...GradientInputs,
      ...Value[],
    ];
    const [m, inverseDeviation, query, key, value, weights, mean] = saved as Saved;
    const { add } = arithmetic(graph);
    const norm = { gamma, beta };
    const [numHeads, batch, length, headDim] = query.shape as [number, number, number, number];
    const dim = numHeads * headDim;
    const rows = emitRows(graph, dy);
    const dOutputBias = emitColumnSums(graph, rows); // [1, dim]

    const dMean = emitScaledProduct(graph, rows, outputWeight, { transposeB: true });
    const dContext = emitHeads(graph, dMean, query.shape);
    const dScores = emitWeightsGradient(graph, dContext, value, weights);
    const scale = 1 / Math.sqrt(headDim);
    const parts = [
      emitScaledProduct(graph, dScores, key, { scale }),
      emitScaledProduct(graph, dScores, query, { transposeA: true, scale }),
      emitScaledProduct(graph, weights, dContext, { transposeA: true }),
    ];
    const joined = graph.node('Concat', parts, {
      shape: [3 * numHeads, batch, length, headDim],
      attributes: { axis: 0 },
    });
    const dProjected = emitMergeRows(graph, joined); // [rows, 3 · dim]

    const weight = graph.node('Concat', [queryWeight, keyWeight, valueWeight], {
      shape: [dim, 3 * dim],
      attributes: { axis: 1 },
    });
    const dFolded = emitWeightGradient(graph, [m], [dProjected]);
    const { dGamma, dBeta, dWeight, dBias } = emitFoldGradient(graph, norm, weight, dFolded);
    const [dQueryWeight, dKeyWeight, dValueWeight] = emitThirds(graph, dWeight);
    const [dQueryBias, dKeyBias, dValueBias] = emitThirds(graph, dBias);
    const dn = emitScaledProduct(graph, dProjected, emitFoldedWeight(graph, norm, weight), { transposeB: true });

    // The mean was saved without the bias of the values, whose share of the output weight's gradient is one outer product.
    const shiftOfMean = emitFoldedBias(graph, norm, valueWeight, valueBias);
    const dOutputWeight = add(
      emitWeightGradient(graph, [mean], [rows]),
      emitScaledProduct(graph, shiftOfMean, dOutputBias, { transposeA: true }),
    );
    return [
      emitNormalizeGradient(graph, dn, m, inverseDeviation, rows),
      dGamma,
      dBeta,
      dQueryWeight,
      dQueryBias,
      dKeyWeight,
      dKeyBias,
      dValueWeight,
      dValueBias,
      dOutputWeight,
      dOutputBias,
    ];
  },
});

type Saved = [Value, Value, Value, Value, Value, Value, Value];
type GradientInputs = [Value, Value, Value, Value, Value, Value, Value, Value];
type ForwardInputs = [Value, Value, Value, Value, Value, Value, Value, Value, Value, Value, Value | undefined];

/** `[rows, heads · headDim]` → `[heads, batch, length, headDim]`. */
function emitHeads(graph: GraphBuilder, rows: Value, shape: readonly number[]): Value {
  const [numHeads, batch, length, headDim] = shape as [number, number, number, number];
  const columns = graph.reshape(rows, [batch * length, numHeads, headDim]);
  return graph.reshape(graph.transpose(columns, [1, 0, 2]), shape);
}

/** `[heads, batch, length, headDim]` → `[rows, heads · headDim]`. */
function emitMergeRows(graph: GraphBuilder, x: Value): Value {
  const [numHeads, batch, length, headDim] = x.shape as [number, number, number, number];
  const rows = graph.reshape(x, [numHeads, batch * length, headDim]);
  return graph.reshape(graph.transpose(rows, [1, 0, 2]), [batch * length, numHeads * headDim]);
}

/** Thirds of the columns. */
function emitThirds(graph: GraphBuilder, x: Value): [Value, Value, Value] {
  const [numRows, numColumns] = x.shape as [number, number];
  const sizes = [1, 2, 3].map(() => numColumns / 3);
  const outputs = sizes.map((size) => ({ shape: [numRows, size], dtype: x.dtype }));
  return graph.nodeWithOutputs('Split', [x, graph.int64s(sizes)], outputs, { attributes: { axis: 1 } }) as [
    Value,
    Value,
    Value,
  ];
}
