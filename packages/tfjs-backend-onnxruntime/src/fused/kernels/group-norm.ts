import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitScaledProduct } from './emit.ts';

/** x, gamma, beta → y, x less its group's mean, the inverse deviations `[batch, 1, channels]`. */
export const GROUP_NORM = 'FusedGroupNorm';
/** dy, x less its group's mean, gamma, inverse deviations → dx, dgamma, dbeta. */
export const GROUP_NORM_GRADIENT = 'FusedGroupNormGradient';

interface GroupNormAttributes {
  readonly numGroups: number;
  readonly epsilon: number;
}

// Both work on [batch, positions, channels] with a number per sample and channel, of which ONNX Runtime broadcasts whole
// rows; groups as an axis of their own would be broadcast a few numbers at a time, several times slower.

registerOnnxKernel<GroupNormAttributes>({
  kernelName: GROUP_NORM,
  inputs: ['x', 'gamma', 'beta'],
  infer: ([x]) => [x!, x!, { shape: [x!.shape[0]!, 1, x!.shape[3]!], dtype: 'float32' }],
  emit: (graph, [image, gamma, beta], { numGroups, epsilon }) => {
    const { add, sub, mul } = arithmetic(graph);
    const x = emitPositions(graph, image!);
    const centered = sub(x, emitGroupMeans(graph, emitChannelMeans(graph, x), numGroups));
    const variance = emitGroupMeans(graph, emitChannelMeans(graph, mul(centered, centered)), numGroups);
    const deviation = graph.node('Sqrt', [add(variance, graph.scalar(epsilon, 'float32'))]);
    const inverse = graph.node('Reciprocal', [deviation]); // [batch, 1, channels]
    return [add(mul(centered, mul(inverse, gamma!)), beta!), centered, inverse];
  },
});

registerOnnxKernel<Pick<GroupNormAttributes, 'numGroups'>>({
  kernelName: GROUP_NORM_GRADIENT,
  inputs: ['dy', 'centered', 'gamma', 'inverseDeviation'],
  infer: ([dy, , gamma]) => [dy!, gamma!, gamma!],
  emit: (graph, [image, centeredImage, gamma, inverse], { numGroups }) => {
    const { add, sub, mul, scaled } = arithmetic(graph);
    const dy = emitPositions(graph, image!);
    const centered = emitPositions(graph, centeredImage!);
    const numPositions = dy.shape[1]!;
    const meanOfDy = emitChannelMeans(graph, dy); // [batch, 1, channels]
    const meanAlong = emitChannelMeans(graph, mul(dy, centered));
    // With g = dy · gamma, r = inverse deviation: dx = r · g − r³ · centered · mean(g · centered) − r · mean(g), means by group.
    const towardsMean = mul(inverse!, emitGroupMeans(graph, mul(meanOfDy, gamma!), numGroups));
    const cube = mul(mul(inverse!, inverse!), inverse!);
    const alongCentered = mul(cube, emitGroupMeans(graph, mul(meanAlong, gamma!), numGroups));
    const dx = sub(mul(dy, mul(inverse!, gamma!)), add(mul(centered, alongCentered), towardsMean));
    return [
      dx,
      emitBatchSums(graph, scaled(mul(meanAlong, inverse!), numPositions)),
      emitBatchSums(graph, scaled(meanOfDy, numPositions)),
    ];
  },
});

/** `[batch, height, width, channels]` → `[batch, positions, channels]`. */
function emitPositions(graph: GraphBuilder, x: Value): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return graph.reshape(x, [batch, height * width, channels]);
}

/** Means over the positions, `[batch, 1, channels]`, as products with a row of 1 / positions. */
function emitChannelMeans(graph: GraphBuilder, x: Value): Value {
  const [batch, positions, channels] = x.shape as [number, number, number];
  const row = graph.constant(new Float32Array(positions).fill(1 / positions), 'float32', [1, positions]);
  return graph.node('MatMul', [row, x], { shape: [batch, 1, channels] });
}

/** Means over the channels of each group, given to all of them: `[batch, 1, channels]` → the same. */
function emitGroupMeans(graph: GraphBuilder, x: Value, numGroups: number): Value {
  const channels = x.shape[2]!;
  const size = channels / numGroups;
  const share = Float32Array.from({ length: channels * channels }, (_, at) =>
    Math.floor(at / channels / size) === Math.floor((at % channels) / size) ? 1 / size : 0,
  );
  const rows = graph.reshape(x, [x.shape[0]!, channels]);
  const means = emitScaledProduct(graph, rows, graph.constant(share, 'float32', [channels, channels]));
  return graph.reshape(means, x.shape);
}

function emitBatchSums(graph: GraphBuilder, x: Value): Value {
  const [batch, , channels] = x.shape as [number, number, number];
  const ones = graph.constant(new Float32Array(batch).fill(1), 'float32', [1, batch]);
  return emitScaledProduct(graph, ones, graph.reshape(x, [batch, channels]));
}
