import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface SliceAttributes {
  readonly begin: number | number[];
  readonly size: number | number[];
}

function sliceBounds(x: TensorSpec, { begin, size }: SliceAttributes): { begin: number[]; size: number[] } {
  const [sliceBegin, sliceSize] = tf.slice_util.parseSliceParams(x as unknown as tf.Tensor, begin, size);
  tf.slice_util.assertParamsValid(x as unknown as tf.TensorInfo, sliceBegin!, sliceSize!);
  return { begin: sliceBegin!, size: sliceSize! };
}

registerOnnxKernel<SliceAttributes>({
  kernelName: 'Slice',
  inputs: ['x'],
  infer: ([x], attributes): TensorSpec => ({ shape: sliceBounds(x!, attributes).size, dtype: x!.dtype }),
  emit: (graph, [x], attributes, [output]) => {
    const { begin, size } = sliceBounds(x as TensorSpec, attributes);
    const axes = begin.flatMap((first, axis) => (first === 0 && size[axis] === x!.shape[axis] ? [] : [axis]));
    if (axes.length === 0) return x!;
    const starts = graph.int64s(axes.map((axis) => begin[axis]!));
    const ends = graph.int64s(axes.map((axis) => begin[axis]! + size[axis]!));
    return graph.node('Slice', [x!, starts, ends, graph.int64s(axes)], { shape: output!.shape });
  },
});

interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

function stridedBounds(x: TensorSpec, attributes: StridedSliceAttributes) {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  return tf.slice_util.sliceInfo(
    [...x.shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
}

/** "Before the first element", which ONNX cannot say as -1: that is its last. */
const BEFORE_FIRST = -(2 ** 31);

registerOnnxKernel<StridedSliceAttributes>({
  kernelName: 'StridedSlice',
  inputs: ['x'],
  infer: ([x], attributes): TensorSpec => ({ shape: stridedBounds(x!, attributes).finalShape, dtype: x!.dtype }),
  emit: (graph, [x], attributes) => {
    const { begin, end, strides, isIdentity } = stridedBounds(x as TensorSpec, attributes);
    if (isIdentity) return x!;
    const ends = end.map((last, axis) => (strides[axis]! < 0 && last < 0 ? BEFORE_FIRST : last));
    const axes = begin.map((_, axis) => axis);
    const bounds = [begin, ends, axes, strides].map((values) => graph.int64s(values));
    return graph.node('Slice', [x!, ...bounds], {
      shape: tf.slice_util.computeOutShape(begin, end, strides),
    });
  },
});

interface PadAttributes {
  readonly paddings: readonly (readonly [number, number])[];
  readonly constantValue: number;
}

registerOnnxKernel<PadAttributes>({
  kernelName: 'PadV2',
  inputs: ['x'],
  // Zero is what gradients pad with, many times a step; another value enters as an input.
  key: ({ paddings, constantValue }) => [paddings, constantValue === 0],
  scalars: ({ constantValue }) => (constantValue === 0 ? [] : [constantValue]),
  infer: ([x], { paddings }): TensorSpec => ({ shape: paddedShape(x!, paddings), dtype: x!.dtype }),
  emit: (graph, [x, constant], { paddings }, [output]) => {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x!;
    const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
    const input = x!.dtype === 'bool' ? graph.cast(x!, 'int32') : x!;
    const filling = constant === undefined ? [] : [graph.cast(constant, input.dtype)];
    return graph.node('Pad', [input, graph.int64s(pads), ...filling], { shape: output!.shape });
  },
});

interface MirrorPadAttributes {
  readonly paddings: readonly (readonly [number, number])[];
  readonly mode: 'reflect' | 'symmetric';
}

registerOnnxKernel<MirrorPadAttributes>({
  kernelName: 'MirrorPad',
  inputs: ['x'],
  infer: ([x], { paddings }): TensorSpec => ({ shape: paddedShape(x!, paddings), dtype: x!.dtype }),
  emit: (graph, [x], { paddings, mode }) => {
    // One gather per padded axis; symmetric mode repeats the border, which ONNX's own Pad has no mode for.
    const offset = mode === 'reflect' ? 0 : 1;
    let result = x!;
    for (const [axis, [before, after]] of paddings.entries()) {
      if (before === 0 && after === 0) continue;
      const length = x!.shape[axis]!;
      const indices = Array.from({ length: before + length + after }, (_, position) => {
        const i = position - before;
        if (i < 0) return -i - offset;
        return i < length ? i : 2 * (length - 1) - i + offset;
      });
      const shape = result.shape.with(axis, indices.length);
      result = graph.node('Gather', [result, graph.int64s(indices)], { shape, attributes: { axis } });
    }
    return result;
  },
});

registerOnnxKernel<{ readonly dims: number | number[] }>({
  kernelName: 'Reverse',
  inputs: ['x'],
  infer: ([x], { dims }): TensorSpec => {
    tf.util.parseAxisParam(dims, [...x!.shape]);
    return x!;
  },
  emit: (graph, [x], { dims }) => emitReverse(graph, x!, tf.util.parseAxisParam(dims, [...x!.shape])),
});

registerOnnxKernel({
  kernelName: 'FlipLeftRight',
  inputs: ['image'],
  infer: ([image]): TensorSpec => image!,
  emit: (graph, [image]) => emitReverse(graph, image!, [2]),
});

function emitReverse(graph: GraphBuilder, x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x;
  const bounds = [axes.map(() => -1), axes.map(() => BEFORE_FIRST), axes, axes.map(() => -1)];
  return graph.node('Slice', [x, ...bounds.map((values) => graph.int64s(values))]);
}

function paddedShape(x: TensorSpec, paddings: readonly (readonly [number, number])[]): number[] {
  return x.shape.map((length, axis) => length + paddings[axis]![0] + paddings[axis]![1]);
}
