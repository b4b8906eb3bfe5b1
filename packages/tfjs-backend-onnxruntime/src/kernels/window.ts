import type { backend_util } from '@tensorflow/tfjs';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';

/** How a window of rows and columns moves over pictures, for convolutions and pools alike. */
export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  readonly inSize: readonly [height: number, width: number];
  readonly outSize: readonly [height: number, width: number];
  /** Rows and columns before the first, as tfjs's padding scheme has it. */
  readonly padBefore: readonly [top: number, left: number];
  /** What the last window reaches beyond the picture; negative where it stops short of the border. */
  readonly padAfter: readonly [bottom: number, right: number];
}

type WindowInfo = backend_util.Conv2DInfo;

export function windowOf(info: WindowInfo): Window {
  const kernel = [info.filterHeight, info.filterWidth] as const;
  const strides = [info.strideHeight, info.strideWidth] as const;
  const dilations = [info.dilationHeight, info.dilationWidth] as const;
  const inSize = [info.inHeight, info.inWidth] as const;
  const outSize = [info.outHeight, info.outWidth] as const;
  const padBefore = [info.padInfo.top, info.padInfo.left] as const;
  const reach = (axis: 0 | 1): number =>
    (outSize[axis] - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - inSize[axis] - padBefore[axis];
  return { kernel, strides, dilations, inSize, outSize, padBefore, padAfter: [reach(0), reach(1)] };
}

/** ONNX attributes of a window whose output is `window.outSize`. */
export function windowAttributes({ kernel, strides, dilations, padBefore, padAfter }: Window) {
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...padBefore, ...padAfter.map((pad) => Math.max(pad, 0))],
  };
}

/** Whether the window touches each place once, without a border: pictures cut into tiles. */
export function isTiling({ kernel, strides, dilations, padBefore, inSize, outSize }: Window): boolean {
  return [0, 1].every((axis) => {
    const covered = outSize[axis]! * strides[axis]!;
    const isSolid = dilations[axis] === 1 || kernel[axis] === 1;
    return kernel[axis] === strides[axis] && isSolid && padBefore[axis] === 0 && covered === inSize[axis];
  });
}

/** [batch, height, width, channels] -> [batch, channels, height, width]. */
export function toChannelsFirst(graph: GraphBuilder, x: Value): Value {
  return graph.transpose(x, [0, 3, 1, 2]);
}

/** [batch, channels, height, width] -> [batch, height, width, channels]. */
export function toChannelsLast(graph: GraphBuilder, x: Value): Value {
  return graph.transpose(x, [0, 2, 3, 1]);
}

/**
 * For each place in the window, what the picture has there under every position of the window.
 * `x` is [batch, height, width, channels]; each result is [batch, outHeight, outWidth, channels], in row order.
 */
export function emitShifts(graph: GraphBuilder, x: Value, window: Window): Value[] {
  const { kernel, strides, dilations, outSize, padBefore, padAfter } = window;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const before = [0, ...padBefore, 0];
  const after = [0, ...padAfter.map((pad) => Math.max(pad, 0)), 0];
  const needsPad = [...before, ...after].some((pad) => pad !== 0);
  const padded = needsPad
    ? graph.node('Pad', [x, graph.int64s([...before, ...after])], {
        shape: [batch, height + before[1]! + after[1]!, width + before[2]! + after[2]!, channels],
      })
    : x;
  const shifts: Value[] = [];
  for (let row = 0; row < kernel[0]; row++) {
    for (let column = 0; column < kernel[1]; column++) {
      const starts = [row * dilations[0], column * dilations[1]];
      const ends = starts.map((start, axis) => start + (outSize[axis]! - 1) * strides[axis]! + 1);
      const bounds = [starts, ends, [1, 2], strides].map((values) => graph.int64s(values));
      shifts.push(graph.node('Slice', [padded, ...bounds], { shape: [batch, ...outSize, channels] }));
    }
  }
  return shifts;
}

/**
 * Cuts pictures into tiles: [batch, height, width, channels] -> [batch * outHeight * outWidth, kernelHeight *
 * kernelWidth * channels], for a window of which `isTiling` holds.
 */
export function emitTiles(graph: GraphBuilder, x: Value, { kernel, outSize }: Window): Value {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const numPatches = batch * outSize[0] * outSize[1];
  const numValues = kernel[0] * kernel[1] * channels;
  const split = graph.reshape(x, [batch, outSize[0], kernel[0], outSize[1], kernel[1], channels]);
  const isUnit = kernel[0] === 1 && kernel[1] === 1;
  return graph.reshape(isUnit ? split : graph.transpose(split, [0, 1, 3, 2, 4, 5]), [numPatches, numValues]);
}

/** The inverse of `emitTiles`: the tiles put together again. */
export function emitFromTiles(graph: GraphBuilder, tiles: Value, shape: readonly number[], window: Window): Value {
  const { kernel, outSize } = window;
  const split = graph.reshape(tiles, [shape[0]!, ...outSize, ...kernel, shape[3]!]);
  const isUnit = kernel[0] === 1 && kernel[1] === 1;
  return graph.reshape(isUnit ? split : graph.transpose(split, [0, 1, 3, 2, 4, 5]), shape);
}
