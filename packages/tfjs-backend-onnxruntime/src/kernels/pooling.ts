import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';
import { isTiling, toChannelsFirst, toChannelsLast, type Window, windowAttributes, windowOf } from './window.ts';

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

function poolInfo(x: TensorSpec, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes) {
  tf.util.assert(
    tf.backend_util.eitherStridesOrDilationsAreOne(strides, 1),
    () => `Error in pool: Either strides or dilations must be 1. Got strides ${String(strides)} and dilations '1'`,
  );
  return tf.backend_util.computePool2DInfo([...x.shape] as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
}

for (const [kernelName, opType] of [
  ['MaxPool', 'MaxPool'],
  ['AvgPool', 'AveragePool'],
] as const) {
  registerOnnxKernel<PoolAttributes>({
    kernelName,
    inputs: ['x'],
    // A window that lies in the padding alone has no elements, for which ONNX Runtime has no value.
    supports: ([x], attributes) => !hasEmptyWindow(windowOf(poolInfo(x!, attributes))),
    infer: ([x], attributes): TensorSpec => ({ shape: poolInfo(x!, attributes).outShape, dtype: x!.dtype }),
    emit: (graph, [x], attributes) => {
      const info = poolInfo(x as TensorSpec, attributes);
      const window = windowOf(info);
      if (window.kernel.every((length) => length === 1) && window.strides.every((step) => step === 1)) return x!;
      const pooled = graph.node(opType, [toChannelsFirst(graph, graph.cast(x!, 'float32'))], {
        shape: [info.batchSize, info.outChannels, ...window.outSize],
        attributes: windowAttributes(window),
      });
      return toChannelsLast(graph, pooled);
    },
  });
}

registerOnnxKernel<PoolAttributes>({
  kernelName: 'MaxPoolGrad',
  inputs: ['dy', 'input', 'output'],
  supports: ([, x], attributes) => !hasEmptyWindow(windowOf(poolInfo(x!, attributes))),
  infer: ([, x]): TensorSpec => ({ shape: x!.shape, dtype: 'float32' }),
  emit: (graph, [dy, x], attributes) => {
    const info = poolInfo(x as TensorSpec, attributes);
    const window = windowOf(info);
    const [batch, height, width, channels] = info.inShape;
    const first = [batch, channels, height, width];
    const pooledShape = [batch, channels, ...window.outSize];
    // Each window's gradient goes to the place of its maximum, which ONNX numbers through the whole tensor.
    const places = graph.nodeWithOutputs(
      'MaxPool',
      [toChannelsFirst(graph, x!)],
      [
        { shape: pooledShape, dtype: 'float32' },
        { shape: pooledShape, dtype: 'int64' },
      ],
      { attributes: windowAttributes(window) },
    )[1]!;
    const size = batch * channels * height * width;
    const numWindows = batch * channels * window.outSize[0] * window.outSize[1];
    const zeros = graph.node('Expand', [graph.scalar(0, 'float32'), graph.int64s([size])], { shape: [size] });
    const scattered = graph.node(
      'ScatterElements',
      [zeros, graph.reshape(places, [numWindows]), graph.reshape(toChannelsFirst(graph, dy!), [numWindows])],
      { attributes: { axis: 0, reduction: 'add' } },
    );
    return toChannelsLast(graph, graph.reshape(scattered, first));
  },
});

registerOnnxKernel<PoolAttributes>({
  kernelName: 'AvgPoolGrad',
  inputs: ['dy', 'input'],
  supports: ([, x], attributes) => !hasEmptyWindow(windowOf(poolInfo(x!, attributes))),
  infer: ([, x]): TensorSpec => ({ shape: x!.shape, dtype: 'float32' }),
  emit: (graph, [dy, x], attributes) => {
    const info = poolInfo(x as TensorSpec, attributes);
    return emitSpread(graph, dy!, info.inShape, windowOf(info));
  },
});

/**
 * Spreads each window's gradient evenly over its elements. As in tfjs's own kernels, places in the padding take their
 * share too, although the mean of the forward pass doesn't count them.
 */
function emitSpread(graph: GraphBuilder, dy: Value, inShape: Shape4D, window: Window): Value {
  const [batch, height, width, channels] = inShape;
  const { kernel, outSize } = window;
  const scaled = graph.node('Mul', [dy, graph.scalar(1 / (kernel[0] * kernel[1]), 'float32')]);
  if (isTiling(window)) {
    const spread = [batch, outSize[0], kernel[0], outSize[1], kernel[1], channels];
    const cells = graph.reshape(scaled, [batch, outSize[0], 1, outSize[1], 1, channels]);
    return graph.reshape(graph.node('Expand', [cells, graph.int64s(spread)], { shape: spread }), inShape);
  }
  const ones = graph.node('Expand', [graph.scalar(1, 'float32'), graph.int64s([channels, 1, ...kernel])], {
    shape: [channels, 1, ...kernel],
  });
  const gradient = graph.node('ConvTranspose', [toChannelsFirst(graph, scaled), ones], {
    shape: [batch, channels, height, width],
    attributes: {
      ...windowAttributes(window),
      output_padding: window.padAfter.map((pad) => Math.max(-pad, 0)),
      group: channels,
    },
  });
  return toChannelsLast(graph, gradient);
}

/** Whether some window lies in the padding alone. */
function hasEmptyWindow({ kernel, strides, inSize, outSize, padBefore }: Window): boolean {
  return [0, 1].some((axis) => {
    const lastStart = (outSize[axis]! - 1) * strides[axis]! - padBefore[axis]!;
    return kernel[axis]! <= padBefore[axis]! || lastStart >= inSize[axis]!;
  });
}
