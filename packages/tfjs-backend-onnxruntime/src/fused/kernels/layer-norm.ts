import type { Value } from '../../graph/graph-builder.ts';
import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';

/** x, gamma, beta → y, mean, inverse deviation; the statistics `[…, 1]`. */
export const LAYER_NORM = 'FusedLayerNorm';
/** dy, x, gamma, mean, inverse deviation → dx, dgamma, dbeta. */
export const LAYER_NORM_GRADIENT = 'FusedLayerNormGradient';

registerOnnxKernel<{ readonly epsilon: number }>({
  kernelName: LAYER_NORM,
  inputs: ['x', 'gamma', 'beta'],
  infer: ([x]) => {
    const statistics = { shape: [...x!.shape.slice(0, -1), 1], dtype: 'float32' } as const;
    return [x!, statistics, statistics];
  },
  emit: (graph, inputs, { epsilon }, outputs) =>
    graph.nodeWithOutputs(
      'LayerNormalization',
      inputs,
      outputs.map(({ shape }) => ({ shape, dtype: 'float32' })),
      { attributes: { axis: -1, epsilon: { float: epsilon } } },
    ),
});

registerOnnxKernel({
  kernelName: LAYER_NORM_GRADIENT,
  inputs: ['dy', 'x', 'gamma', 'mean', 'inverseDeviation'],
  infer: ([, x, gamma]) => [x!, gamma!, gamma!],
  emit: (graph, inputs) => {
    const [dy, x, mean, inverse] = [inputs[0]!, inputs[1]!, inputs[3]!, inputs[4]!].map((value) =>
      emitRows(graph, value),
    ) as [Value, Value, Value, Value];
    const gamma = inputs[2]!;
    const { add, sub, mul, scaled } = arithmetic(graph);
    const dim = gamma.shape[0]!;
    const centered = sub(x, mean); // [rows, dim]
    const dyCentered = mul(dy, centered);
    const meanWeights = graph.reshape(scaled(gamma, 1 / dim), [dim, 1]);
    const meanOfGradient = emitScaledProduct(graph, dy, meanWeights); // [rows, 1]
    const meanAlongCentered = emitScaledProduct(graph, dyCentered, meanWeights);
    const towardsMean = mul(inverse, meanOfGradient);
    const alongCentered = mul(mul(mul(inverse, inverse), inverse), meanAlongCentered);
    const alongGradient = mul(mul(dy, gamma), inverse); // [rows, dim]
    const dx = sub(alongGradient, add(mul(centered, alongCentered), towardsMean));
    const inverseRow = graph.reshape(inverse, [1, dy.shape[0]!]);
    return [dx, emitScaledProduct(graph, inverseRow, dyCentered), emitColumnSums(graph, dy)];
  },
});
