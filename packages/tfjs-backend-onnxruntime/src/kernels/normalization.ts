import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface BatchNormAttributes {
  readonly varianceEpsilon: number | null;
}

const DEFAULT_EPSILON = 0.001;

registerOnnxKernel<BatchNormAttributes>({
  kernelName: 'FusedBatchNorm',
  inputs: ['x', 'mean', 'variance', 'offset', 'scale'],
  infer: ([x]): TensorSpec => x!,
  emit: (graph, [x, mean, variance, offset, scale], { varianceEpsilon }) => {
    // scale / sqrt(variance + epsilon) first: over the statistics, which are small, rather than over x.
    const epsilon = graph.scalar(varianceEpsilon ?? DEFAULT_EPSILON, 'float32');
    const inverse = graph.node('Reciprocal', [graph.node('Sqrt', [graph.node('Add', [variance!, epsilon])])]);
    const factor = scale === undefined ? inverse : multiply(graph, inverse, scale);
    const centered = graph.node('Sub', [graph.cast(x!, 'float32'), mean!]);
    const scaled = graph.node('Mul', [centered, factor]);
    return offset === undefined ? scaled : graph.node('Add', [scaled, offset]);
  },
});

function multiply(graph: GraphBuilder, a: Value, b: Value): Value {
  return graph.node('Mul', a.shape.length >= b.shape.length ? [a, b] : [b, a]);
}
