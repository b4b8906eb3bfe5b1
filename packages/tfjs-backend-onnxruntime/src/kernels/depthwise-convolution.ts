import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import { type ActivationAttributes, emitActivation } from './activation.ts';
import { canBlockDepthwise, emitBlockedDepthwise, emitBlockedDepthwiseFilterGradient } from './blocked-convolution.ts';
import { emitHalfTurn, turnedWindow } from './convolution.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';
import { toChannelsFirst, toChannelsLast, windowAttributes, windowOf } from './window.ts';

interface DepthwiseAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: number | [number, number] | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

function depthwiseInfo(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dimRoundingMode }: DepthwiseAttributes,
): tf.backend_util.Conv2DInfo {
  tf.util.assert(
    tf.backend_util.eitherStridesOrDilationsAreOne(strides, dilations ?? 1),
    () =>
      `Error in depthwiseConv2d: Either strides or dilations must be 1. Got strides ${String(strides)} and ` +
      `dilations '${String(dilations)}'`,
  );
  return tf.backend_util.computeConv2DInfo(
    [...xShape] as Shape4D,
    [...filterShape] as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
}

const isChannelsLast = (_: unknown, { dataFormat }: DepthwiseAttributes): boolean => dataFormat !== 'NCHW';

registerOnnxKernel<DepthwiseAttributes>({
  kernelName: 'DepthwiseConv2dNative',
  inputs: ['x', 'filter'],
  supports: isChannelsLast,
  infer: ([x, filter], attributes): TensorSpec => ({
    shape: depthwiseInfo(x!.shape, filter!.shape, attributes).outShape,
    dtype: 'float32',
  }),
  emit: (graph, [x, filter], attributes) => emitDepthwise(graph, x!, filter!, attributes),
});

registerOnnxKernel<DepthwiseAttributes & ActivationAttributes>({
  kernelName: 'FusedDepthwiseConv2D',
  inputs: ['x', 'filter', 'bias', 'preluActivationWeights'],
  supports: isChannelsLast,
  infer: ([x, filter], attributes): TensorSpec => ({
    shape: depthwiseInfo(x!.shape, filter!.shape, attributes).outShape,
    dtype: 'float32',
  }),
  emit: (graph, [x, filter, bias, alpha], attributes) => {
    let result = emitDepthwise(graph, x!, filter!, attributes);
    if (bias !== undefined) result = graph.node('Add', [result, bias]);
    return emitActivation(graph, result, attributes, alpha);
  },
});

registerOnnxKernel<DepthwiseAttributes & { readonly inputShape: readonly number[] }>({
  kernelName: 'DepthwiseConv2dNativeBackpropInput',
  inputs: ['dy', 'filter'],
  infer: ([, filter], attributes): TensorSpec => ({
    shape: depthwiseInfo(attributes.inputShape, filter!.shape, attributes).inShape,
    dtype: 'float32',
  }),
  emit: (graph, [dy, filter], attributes) => {
    const info = depthwiseInfo(attributes.inputShape, filter!.shape, attributes);
    const window = windowOf(info);
    const turned = turnedWindow(window);
    if (turned !== null && info.outChannels === info.inChannels && canBlockDepthwise(graph, info.inChannels)) {
      return emitBlockedDepthwise(graph, dy!, emitHalfTurn(graph, filter!), turned);
    }
    const [batch, height, width, channels] = info.inShape;
    const gradient = graph.node('ConvTranspose', [toChannelsFirst(graph, dy!), channelFilters(graph, filter!)], {
      shape: [batch, channels, height, width],
      attributes: {
        ...windowAttributes(window),
        output_padding: window.padAfter.map((pad) => Math.max(-pad, 0)),
        group: channels,
      },
    });
    return toChannelsLast(graph, gradient);
  },
});

registerOnnxKernel<DepthwiseAttributes & { readonly filterShape: readonly number[] }>({
  kernelName: 'DepthwiseConv2dNativeBackpropFilter',
  inputs: ['x', 'dy'],
  infer: ([x], attributes): TensorSpec => ({
    shape: depthwiseInfo(x!.shape, attributes.filterShape, attributes).filterShape,
    dtype: 'float32',
  }),
  emit: (graph, [x, dy], attributes) => {
    const info = depthwiseInfo(x!.shape, attributes.filterShape, attributes);
    const window = windowOf(info);
    const { batchSize: batch, inChannels, outChannels } = info;
    if (outChannels === inChannels && canBlockDepthwise(graph, inChannels)) {
      return emitBlockedDepthwiseFilterGradient(graph, x!, dy!, window);
    }
    // A convolution in groups, one a channel: the pictures are its channels, the gradient is its filter.
    const { kernel, strides, dilations, inSize, outSize } = window;
    const pads = windowAttributes(window).pads;
    const computed = [0, 1].map((axis) => {
      const reach = (outSize[axis]! - 1) * strides[axis]! + 1;
      return Math.floor((inSize[axis]! + pads[axis]! + pads[axis + 2]! - reach) / dilations[axis]!) + 1;
    });
    const pictures = graph.reshape(graph.transpose(x!, [3, 0, 1, 2]), [1, inChannels * batch, ...inSize]);
    const products = graph.node('Conv', [pictures, graph.transpose(dy!, [3, 0, 1, 2])], {
      shape: [1, outChannels, ...computed],
      attributes: { kernel_shape: outSize, strides: dilations, dilations: strides, pads, group: inChannels },
    });
    const bounds = [[0, 0], [...kernel], [2, 3]].map((values) => graph.int64s(values));
    const gradient = graph.node('Slice', [products, ...bounds], { shape: [1, outChannels, ...kernel] });
    return graph.reshape(toChannelsLast(graph, gradient), [...kernel, inChannels, outChannels / inChannels]);
  },
});

function emitDepthwise(graph: GraphBuilder, x: Value, filter: Value, attributes: DepthwiseAttributes): Value {
  const info = depthwiseInfo(x.shape, filter.shape, attributes);
  const window = windowOf(info);
  const [input, weights] = [graph.cast(x, 'float32'), graph.cast(filter, 'float32')];
  if (info.outChannels === info.inChannels && canBlockDepthwise(graph, info.inChannels)) {
    return emitBlockedDepthwise(graph, input, weights, window);
  }
  const convolved = graph.node('Conv', [toChannelsFirst(graph, input), channelFilters(graph, weights)], {
    shape: [info.batchSize, info.outChannels, ...window.outSize],
    attributes: { ...windowAttributes(window), group: info.inChannels },
  });
  return toChannelsLast(graph, convolved);
}

/** [height, width, channels, multiplier] -> [channels * multiplier, 1, height, width]. */
function channelFilters(graph: GraphBuilder, filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape as Shape4D;
  return graph.reshape(graph.transpose(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}
