import * as tf from '@tensorflow/tfjs';
import { haveSameShape } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import { type ActivationAttributes, emitActivation } from './activation.ts';
import { canBlock, emitBlockedConvolution } from './blocked-convolution.ts';
import { emitProduct } from './matmul.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';
import {
  emitFromTiles,
  emitShifts,
  emitTiles,
  isTiling,
  toChannelsFirst,
  toChannelsLast,
  type Window,
  windowAttributes,
  windowOf,
} from './window.ts';

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

function convolutionInfo(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dilations, dimRoundingMode }: ConvolutionAttributes,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    [...xShape] as Shape4D,
    [...filterShape] as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
}

registerOnnxKernel<ConvolutionAttributes>({
  kernelName: 'Conv2D',
  inputs: ['x', 'filter'],
  supports: ([x, filter]) => x!.dtype === 'float32' && filter!.dtype === 'float32',
  infer: ([x, filter], attributes): TensorSpec => ({
    shape: convolutionInfo(x!.shape, filter!.shape, attributes).outShape,
    dtype: 'float32',
  }),
  emit: (graph, [x, filter], attributes) => emitConvolution(graph, x!, filter!, attributes),
});

registerOnnxKernel<ConvolutionAttributes & ActivationAttributes>({
  kernelName: 'FusedConv2D',
  inputs: ['x', 'filter', 'bias', 'preluActivationWeights'],
  supports: ([x, filter]) => x!.dtype === 'float32' && filter!.dtype === 'float32',
  infer: ([x, filter], attributes): TensorSpec => ({
    shape: convolutionInfo(x!.shape, filter!.shape, attributes).outShape,
    dtype: 'float32',
  }),
  emit: (graph, [x, filter, bias, alpha], attributes) => {
    const perChannel = (value: Value | undefined): Value | undefined =>
      value !== undefined && attributes.dataFormat === 'NCHW' && value.shape.length === 1
        ? graph.reshape(value, [value.shape[0]!, 1, 1])
        : value;
    let result = emitConvolution(graph, x!, filter!, attributes);
    if (bias !== undefined) result = graph.node('Add', [result, perChannel(bias)!]);
    return emitActivation(graph, result, attributes, perChannel(alpha));
  },
});

interface InputGradientAttributes extends ConvolutionAttributes {
  readonly inputShape: readonly number[];
}

registerOnnxKernel<InputGradientAttributes>({
  kernelName: 'Conv2DBackpropInput',
  inputs: ['dy', 'filter'],
  // tfjs lets a transposed convolution cut its result short; there its own kernel decides what that means.
  supports: ([dy, filter], attributes) =>
    haveSameShape(dy!.shape, convolutionInfo(attributes.inputShape, filter!.shape, attributes).outShape),
  infer: ([, filter], attributes): TensorSpec => ({
    shape: convolutionInfo(attributes.inputShape, filter!.shape, attributes).inShape,
    dtype: 'float32',
  }),
  emit: (graph, [dy, filter], attributes) => {
    const info = convolutionInfo(attributes.inputShape, filter!.shape, attributes);
    const window = windowOf(info);
    const [outgoing, weights] = [graph.cast(dy!, 'float32'), graph.cast(filter!, 'float32')];
    if (info.dataFormat === 'channelsFirst') return emitTransposed(graph, outgoing, weights, window, info.inShape);
    const rows = graph.reshape(outgoing, [info.batchSize * info.outHeight * info.outWidth, info.outChannels]);
    if (isTiling(window)) {
      const matrix = graph.reshape(weights, [-1, info.outChannels].with(0, numWeights(info)));
      return emitFromTiles(graph, emitProduct(graph, rows, matrix, false, true), info.inShape, window);
    }
    const turned = turnedWindow(window);
    if (turned !== null && canBlock(graph, info.outChannels, info.inChannels)) {
      // A convolution of the gradient with the filter turned by half a turn, its channels exchanged.
      const filters = graph.transpose(emitHalfTurn(graph, weights), [0, 1, 3, 2]);
      return emitBlockedConvolution(graph, outgoing, filters, turned);
    }
    const [batch, height, width, channels] = info.inShape;
    const first = emitTransposed(graph, toChannelsFirst(graph, outgoing), weights, window, [
      batch,
      channels,
      height,
      width,
    ]);
    return toChannelsLast(graph, first);
  },
});

interface FilterGradientAttributes extends ConvolutionAttributes {
  readonly filterShape: readonly number[];
}

registerOnnxKernel<FilterGradientAttributes>({
  kernelName: 'Conv2DBackpropFilter',
  inputs: ['x', 'dy'],
  infer: ([x], attributes): TensorSpec => ({
    shape: convolutionInfo(x!.shape, attributes.filterShape, attributes).filterShape,
    dtype: 'float32',
  }),
  emit: (graph, [x, dy], attributes) => {
    const info = convolutionInfo(x!.shape, attributes.filterShape, attributes);
    const window = windowOf(info);
    const isLast = info.dataFormat === 'channelsLast';
    const input = isLast ? graph.cast(x!, 'float32') : toChannelsLast(graph, graph.cast(x!, 'float32'));
    const outgoing = isLast ? graph.cast(dy!, 'float32') : toChannelsLast(graph, graph.cast(dy!, 'float32'));
    const rows = graph.reshape(outgoing, [info.batchSize * info.outHeight * info.outWidth, info.outChannels]);
    return emitProduct(graph, emitPatches(graph, input, window), rows, true, false);
  },
});

/** The convolution in the form that suits its shape. */
function emitConvolution(graph: GraphBuilder, x: Value, filter: Value, attributes: ConvolutionAttributes): Value {
  const info = convolutionInfo(x.shape, filter.shape, attributes);
  const window = windowOf(info);
  if (info.dataFormat === 'channelsFirst') return emitGeneric(graph, x, filter, window);
  if (isTiling(window)) {
    const matrix = graph.reshape(filter, [numWeights(info), info.outChannels]);
    return graph.reshape(emitProduct(graph, emitTiles(graph, x, window), matrix, false, false), info.outShape);
  }
  if (canBlock(graph, info.inChannels, info.outChannels)) return emitBlockedConvolution(graph, x, filter, window);
  return toChannelsLast(graph, emitGeneric(graph, toChannelsFirst(graph, x), filter, window));
}

function numWeights({ filterHeight, filterWidth, inChannels }: tf.backend_util.Conv2DInfo): number {
  return filterHeight * filterWidth * inChannels;
}

/** ONNX's own convolution: `x` is [batch, inChannels, height, width], `filter` as tfjs has it. */
function emitGeneric(graph: GraphBuilder, x: Value, filter: Value, window: Window): Value {
  const outChannels = filter.shape[3]!;
  return graph.node('Conv', [x, graph.transpose(filter, [3, 2, 0, 1])], {
    shape: [x.shape[0]!, outChannels, ...window.outSize],
    attributes: windowAttributes(window),
  });
}

/** The gradient for the input of `emitGeneric`; `shape` is that of the input, channels first. */
function emitTransposed(
  graph: GraphBuilder,
  dy: Value,
  filter: Value,
  window: Window,
  shape: readonly number[],
): Value {
  return graph.node('ConvTranspose', [dy, graph.transpose(filter, [3, 2, 0, 1])], {
    shape,
    attributes: { ...windowAttributes(window), output_padding: window.padAfter.map((pad) => Math.max(-pad, 0)) },
  });
}

/**
 * The picture under each position of the window, one row a position: [batch * outHeight * outWidth, kernelHeight *
 * kernelWidth * channels].
 */
function emitPatches(graph: GraphBuilder, x: Value, window: Window): Value {
  if (isTiling(window)) return emitTiles(graph, x, window);
  const [batch, , , channels] = x.shape as Shape4D;
  const shifts = emitShifts(graph, x, window);
  const width = shifts.length * channels;
  const joined =
    shifts.length === 1
      ? shifts[0]!
      : graph.node('Concat', shifts, { shape: [batch, ...window.outSize, width], attributes: { axis: 3 } });
  return graph.reshape(joined, [batch * window.outSize[0] * window.outSize[1], width]);
}

/** The window of the input gradient as a plain convolution, or null where strides or padding rule that out. */
export function turnedWindow(window: Window): Window | null {
  const { kernel, strides, dilations, inSize, outSize, padBefore, padAfter } = window;
  if (strides[0] !== 1 || strides[1] !== 1) return null;
  const before = [0, 1].map((axis) => dilations[axis]! * (kernel[axis]! - 1) - padBefore[axis]!);
  const after = [0, 1].map((axis) => dilations[axis]! * (kernel[axis]! - 1) - padAfter[axis]!);
  if ([...before, ...after].some((pad) => pad < 0)) return null;
  return {
    kernel,
    strides,
    dilations,
    inSize: outSize,
    outSize: inSize,
    padBefore: before as [number, number],
    padAfter: after as [number, number],
  };
}

/** A filter [height, width, ...] turned by half a turn. */
export function emitHalfTurn(graph: GraphBuilder, filter: Value): Value {
  if (filter.shape[0] === 1 && filter.shape[1] === 1) return filter;
  const bounds = [
    [-1, -1],
    [-(2 ** 31), -(2 ** 31)],
    [0, 1],
    [-1, -1],
  ].map((values) => graph.int64s(values));
  return graph.node('Slice', [filter, ...bounds]);
}
