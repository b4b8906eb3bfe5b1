import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { Window } from './window.ts';
import { windowAttributes } from './window.ts';

/**
 * Convolutions in the blocked layout that ONNX Runtime keeps for its own use on CPUs: channels in groups of 8 or 16,
 * the group innermost. Its optimizer only moves convolutions there whose filters are constants. A training step's are
 * not, so the graph says it outright, and rearranges the filters, which are small, on the fly. The layout has no shape
 * of its own: values keep the shape [batch, channels, height, width].
 */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** [batch, height, width, channels] -> blocked. */
function toBlocked(graph: GraphBuilder, x: Value): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return graph.node('ReorderInput', [x], {
    domain: BLOCKED_DOMAIN,
    shape: [batch, channels, height, width],
    attributes: { channels_last: 1 },
  });
}

/** Blocked -> [batch, height, width, channels]. */
function fromBlocked(graph: GraphBuilder, x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return graph.node('ReorderOutput', [x], {
    domain: BLOCKED_DOMAIN,
    shape: [batch, height, width, channels],
    attributes: { channels, channels_last: 1 },
  });
}

/** Whether a dense convolution between these numbers of channels has a blocked form on this machine. */
export function canBlock(graph: GraphBuilder, inChannels: number, outChannels: number): boolean {
  const block = graph.target.channelBlock;
  if (block === null || outChannels % block !== 0) return false;
  // Pictures of fewer channels than a block, such as RGB, are read unblocked.
  return inChannels < block || inChannels % block === 0;
}

/**
 * A dense convolution.
 * `x` is [batch, height, width, inChannels], `filter` [kernelHeight, kernelWidth, inChannels, outChannels];
 * returns [batch, outHeight, outWidth, outChannels].
 */
export function emitBlockedConvolution(graph: GraphBuilder, x: Value, filter: Value, window: Window): Value {
  const block = graph.target.channelBlock!;
  const [height, width, inChannels, outChannels] = filter.shape as [number, number, number, number];
  const batch = x.shape[0]!;
  const isUnblockedInput = inChannels < block;
  const input = isUnblockedInput ? graph.transpose(x, [0, 3, 1, 2]) : toBlocked(graph, x);
  // Filters lie as [outBlocks, inBlocks, height, width, inBlock, outBlock].
  const blocks = isUnblockedInput
    ? graph.transpose(graph.reshape(filter, [height, width, inChannels, outChannels / block, block]), [3, 2, 0, 1, 4])
    : graph.transpose(
        graph.reshape(filter, [height, width, inChannels / block, block, outChannels / block, block]),
        [4, 2, 0, 1, 3, 5],
      );
  const convolved = graph.node('Conv', [input, graph.reshape(blocks, [outChannels, inChannels, height, width])], {
    domain: BLOCKED_DOMAIN,
    shape: [batch, outChannels, ...window.outSize],
    attributes: { ...windowAttributes(window), group: 1 },
  });
  return fromBlocked(graph, convolved);
}

/** Whether a depthwise convolution of this many channels has a blocked form on this machine. */
export function canBlockDepthwise(graph: GraphBuilder, channels: number): boolean {
  return graph.target.channelBlock !== null && channels % graph.target.channelBlock === 0;
}

/**
 * A depthwise convolution.
 * `x` is [batch, height, width, channels], `filter` [kernelHeight, kernelWidth, channels, 1];
 * returns [batch, outHeight, outWidth, channels].
 */
export function emitBlockedDepthwise(graph: GraphBuilder, x: Value, filter: Value, window: Window): Value {
  const block = graph.target.channelBlock!;
  const [height, width, channels] = filter.shape as [number, number, number];
  // Filters lie as [channelBlocks, 1, height, width, block].
  const blocks = graph.transpose(graph.reshape(filter, [height, width, channels / block, block]), [2, 0, 1, 3]);
  const convolved = graph.node('Conv', [toBlocked(graph, x), graph.reshape(blocks, [channels, 1, height, width])], {
    domain: BLOCKED_DOMAIN,
    shape: [x.shape[0]!, channels, ...window.outSize],
    attributes: { ...windowAttributes(window), group: channels },
  });
  return fromBlocked(graph, convolved);
}

/**
 * The gradient of a depthwise convolution for its filter, itself as a depthwise convolution: every channel of every
 * picture is a channel of one large picture, and its filter is the incoming gradient, which lies in memory just as
 * such a filter has to. What comes out, window by window, is summed over the pictures.
 * `x` is [batch, height, width, channels], `dy` [batch, outHeight, outWidth, channels]; returns
 * [kernelHeight, kernelWidth, channels, 1].
 */
export function emitBlockedDepthwiseFilterGradient(graph: GraphBuilder, x: Value, dy: Value, window: Window): Value {
  const { kernel, strides, dilations, inSize, outSize, padBefore, padAfter } = window;
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const pictures = graph.reshape(toBlocked(graph, x), [1, batch * channels, ...inSize]);
  const filters = graph.reshape(toBlocked(graph, dy), [batch * channels, 1, ...outSize]);
  const pads = [...padBefore, ...padAfter.map((pad) => Math.max(pad, 0))];
  // Steps of the window and steps within it change places; so do kernel and output.
  const computed = [0, 1].map((axis) => {
    const reach = (outSize[axis]! - 1) * strides[axis]! + 1;
    return Math.floor((inSize[axis]! + pads[axis]! + pads[axis + 2]! - reach) / dilations[axis]!) + 1;
  });
  const products = graph.node('Conv', [pictures, filters], {
    domain: BLOCKED_DOMAIN,
    shape: [1, batch * channels, ...computed],
    attributes: { kernel_shape: outSize, strides: dilations, dilations: strides, pads, group: batch * channels },
  });
  const perPicture = graph.reshape(products, [batch, channels, ...computed]);
  const summed = graph.node('ReduceSum', [perPicture, graph.int64s([0])], { shape: [1, channels, ...computed] });
  const gradient = fromBlocked(graph, summed);
  const isExact = computed[0] === kernel[0] && computed[1] === kernel[1];
  const bounds = [[0, 0], [...kernel], [1, 2]].map((values) => graph.int64s(values));
  const cut = isExact ? gradient : graph.node('Slice', [gradient, ...bounds], { shape: [1, ...kernel, channels] });
  return graph.reshape(cut, [...kernel, channels, 1]);
}
