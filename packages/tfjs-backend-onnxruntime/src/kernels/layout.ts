import * as tf from '@tensorflow/tfjs';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

registerOnnxKernel<{ readonly perm: readonly number[] }>({
  kernelName: 'Transpose',
  inputs: ['x'],
  infer: ([x], { perm }): TensorSpec => ({ shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype }),
  emit: (graph, [x], { perm }) => graph.transpose(x!, perm),
});

registerOnnxKernel<{ readonly axis: number }>({
  kernelName: 'Concat',
  inputs: 'list',
  // Parts without elements may have any shape for tfjs.
  supports: (inputs) => inputs.every(({ shape }) => !shape.includes(0)),
  infer: (inputs, { axis }): TensorSpec => {
    const shapes = inputs.map(({ shape }) => [...shape]);
    const [concatAxis] = tf.util.parseAxisParam(axis, shapes[0]!);
    tf.backend_util.assertParamsConsistent(shapes, concatAxis!);
    return { shape: tf.backend_util.computeOutShape(shapes, concatAxis!), dtype: inputs[0]!.dtype };
  },
  emit: (graph, inputs, { axis }, [output]) => {
    if (inputs.length === 1) return inputs[0]!;
    const [concatAxis] = tf.util.parseAxisParam(axis, [...inputs[0]!.shape]);
    return graph.node('Concat', inputs, { shape: output!.shape, attributes: { axis: concatAxis! } });
  },
});

registerOnnxKernel<{ readonly axis: number }>({
  kernelName: 'Pack',
  inputs: 'list',
  infer: (inputs, { axis }): TensorSpec => {
    const { shape, dtype } = inputs[0]!;
    for (const input of inputs) {
      tf.util.assertShapesMatch([...shape], [...input.shape], 'All tensors passed to stack must have matching shapes');
      tf.util.assert(dtype === input.dtype, () => 'All tensors passed to stack must have matching dtypes');
    }
    return { shape: shape.toSpliced(axis, 0, inputs.length), dtype };
  },
  emit: (graph, inputs, { axis }, [output]) => {
    const parts = inputs.map((input) => graph.reshape(input, input.shape.toSpliced(axis, 0, 1)));
    if (parts.length === 1) return parts[0]!;
    return graph.node('Concat', parts, { shape: output!.shape, attributes: { axis } });
  },
});

registerOnnxKernel<{ readonly axis: number }>({
  kernelName: 'Unpack',
  inputs: ['value'],
  infer: ([value], { axis }): TensorSpec[] => {
    const unpackAxis = axis < 0 ? axis + value!.shape.length : axis;
    const shape = value!.shape.toSpliced(unpackAxis, 1);
    return Array.from({ length: value!.shape[unpackAxis]! }, () => ({ shape, dtype: value!.dtype }));
  },
  emit: (graph, [value], { axis }, outputs) => {
    const unpackAxis = axis < 0 ? axis + value!.shape.length : axis;
    const part = { shape: value!.shape.with(unpackAxis, 1), dtype: value!.dtype };
    const parts = outputs.map(() => part);
    return graph.nodeWithOutputs('Split', [value!], parts, {
      attributes: { axis: unpackAxis, num_outputs: outputs.length },
    });
  },
});

interface SplitAttributes {
  readonly numOrSizeSplits: number | number[];
  readonly axis: number;
}

function splitSizes(value: TensorSpec, { numOrSizeSplits, axis }: SplitAttributes): [number, number[]] {
  const [splitAxis] = tf.util.parseAxisParam(axis, [...value.shape]);
  const sizes = tf.backend_util.prepareSplitSize(value as unknown as tf.Tensor, numOrSizeSplits, splitAxis);
  return [splitAxis!, sizes];
}

registerOnnxKernel<SplitAttributes>({
  kernelName: 'SplitV',
  inputs: ['x'],
  infer: ([x], attributes): TensorSpec[] => {
    const [axis, sizes] = splitSizes(x!, attributes);
    return sizes.map((size) => ({ shape: x!.shape.with(axis, size), dtype: x!.dtype }));
  },
  emit: (graph, [x], attributes, outputs) => {
    const [axis, sizes] = splitSizes(x as TensorSpec, attributes);
    const parts = outputs.map(({ shape }) => ({ shape, dtype: x!.dtype }));
    return graph.nodeWithOutputs('Split', [x!, graph.int64s(sizes)], parts, { attributes: { axis } });
  },
});

registerOnnxKernel<{ readonly reps: readonly number[] }>({
  kernelName: 'Tile',
  inputs: ['x'],
  infer: ([x], { reps }): TensorSpec => ({ shape: x!.shape.map((length, i) => length * reps[i]!), dtype: x!.dtype }),
  emit: (graph, [x], { reps }, [output]) => graph.node('Tile', [x!, graph.int64s(reps)], { shape: output!.shape }),
});

interface BlockAttributes {
  readonly blockSize: number;
  readonly dataFormat: 'NHWC' | 'NCHW';
}

registerOnnxKernel<BlockAttributes>({
  kernelName: 'DepthToSpace',
  inputs: ['x'],
  supports: (_, { dataFormat }) => dataFormat === 'NHWC',
  infer: ([x], { blockSize }): TensorSpec => {
    const [batch, height, width, depth] = x!.shape as [number, number, number, number];
    return { shape: [batch, height * blockSize, width * blockSize, depth / blockSize ** 2], dtype: x!.dtype };
  },
  emit: (graph, [x], { blockSize }, [output]) => {
    const [batch, height, width] = x!.shape as [number, number, number];
    const blocks = graph.reshape(x!, [batch, height, width, blockSize, blockSize, output!.shape[3]!]);
    return graph.transpose(blocks, [0, 1, 3, 2, 4, 5]);
  },
});

interface BatchToSpaceAttributes {
  readonly blockShape: number[];
  readonly crops: number[][];
}

registerOnnxKernel<BatchToSpaceAttributes>({
  kernelName: 'BatchToSpaceND',
  inputs: ['x'],
  infer: ([x], { blockShape, crops }): TensorSpec => {
    const merged = tf.backend_util.getReshapedPermuted([...x!.shape], blockShape, tf.util.sizeFromShape(blockShape));
    const cropped = tf.backend_util.getSliceSize(merged, crops, blockShape.length);
    return { shape: [...cropped, ...merged.slice(cropped.length)], dtype: x!.dtype };
  },
  emit: (graph, [x], { blockShape, crops }, [output]) => {
    const numBlocks = tf.util.sizeFromShape(blockShape);
    const split = tf.backend_util.getReshaped([...x!.shape], blockShape, numBlocks);
    const permutation = tf.backend_util.getPermuted(split.length, blockShape.length);
    const merged = tf.backend_util.getReshapedPermuted([...x!.shape], blockShape, numBlocks);
    const begin = tf.backend_util.getSliceBeginCoords(crops, blockShape.length);
    const whole = graph.reshape(graph.transpose(graph.reshape(x!, split), permutation), merged);
    const end = begin.map((first, axis) => first + output!.shape[axis]!);
    return graph.node('Slice', [whole, graph.int64s(begin), graph.int64s(end)], { shape: output!.shape });
  },
});

interface SpaceToBatchAttributes {
  readonly blockShape: number[];
  readonly paddings: number[][];
}

function spaceToBatchShapes(x: TensorSpec, { blockShape, paddings }: SpaceToBatchAttributes) {
  const padded = x.shape.map((length, axis) => {
    const [before, after] = paddings[axis - 1] ?? [0, 0];
    return length + before! + after!;
  });
  const numBlocks = tf.util.sizeFromShape(blockShape);
  return { padded, merged: tf.backend_util.getReshapedPermuted(padded, blockShape, numBlocks, false), numBlocks };
}

registerOnnxKernel<SpaceToBatchAttributes>({
  kernelName: 'SpaceToBatchND',
  inputs: ['x'],
  infer: ([x], attributes): TensorSpec => ({ shape: spaceToBatchShapes(x!, attributes).merged, dtype: x!.dtype }),
  emit: (graph, [x], attributes) => {
    const { padded, numBlocks } = spaceToBatchShapes(x as TensorSpec, attributes);
    const { blockShape, paddings } = attributes;
    const pads = [0, 1].flatMap((side) => padded.map((_, axis) => paddings[axis - 1]?.[side] ?? 0));
    const whole = graph.node('Pad', [x!, graph.int64s(pads)], { shape: padded });
    const split = tf.backend_util.getReshaped(padded, blockShape, numBlocks, false);
    return graph.transpose(
      graph.reshape(whole, split),
      tf.backend_util.getPermuted(split.length, blockShape.length, false),
    );
  },
});
