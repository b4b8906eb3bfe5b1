import * as tf from '@tensorflow/tfjs';
import type { ElementType } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface GatherAttributes {
  readonly axis: number;
  readonly batchDims?: number;
}

function gatherShapes(x: TensorSpec, indices: TensorSpec, { axis, batchDims }: GatherAttributes) {
  const [gatherAxis] = tf.util.parseAxisParam(axis, [...x.shape]);
  return {
    gatherAxis: gatherAxis!,
    ...tf.backend_util.segment_util.collectGatherOpShapeInfo(
      x as unknown as tf.TensorInfo,
      indices as unknown as tf.TensorInfo,
      gatherAxis!,
      batchDims ?? 0,
    ),
  };
}

registerOnnxKernel<GatherAttributes>({
  kernelName: 'GatherV2',
  inputs: ['x', 'indices'],
  infer: ([x, indices], attributes): TensorSpec => ({
    shape: gatherShapes(x!, indices!, attributes).outputShape,
    dtype: x!.dtype,
  }),
  check: ([, positions], [x], { axis }) => {
    const length = x!.shape.at(axis)!;
    for (const position of positions ?? []) {
      if (position < 0 || position >= length) {
        throw new Error(`GatherV2: the index value ${position} is not in [0, ${length - 1}]`);
      }
    }
  },
  emit: (graph, [x, indices], attributes, [output]) => {
    const shapes = gatherShapes(x as TensorSpec, indices as TensorSpec, attributes);
    const { gatherAxis, batchSize, outerSize, dimSize, sliceSize } = shapes;
    const positions = graph.cast(indices!, 'int32');
    if ((attributes.batchDims ?? 0) === 0) {
      return graph.node('Gather', [x!, positions], { shape: output!.shape, attributes: { axis: gatherAxis } });
    }
    // [batch, outer, dim, slice] -> [batch, dim, outer, slice], gathered within each batch entry.
    const flat = graph.reshape(x!, [batchSize, outerSize, dimSize, sliceSize]);
    const numIndices = positions.shape.reduce((size, length) => size * length, 1) / batchSize;
    const gathered = graph.node(
      'GatherND',
      [graph.transpose(flat, [0, 2, 1, 3]), graph.cast(graph.reshape(positions, [batchSize, numIndices, 1]), 'int64')],
      { shape: [batchSize, numIndices, outerSize, sliceSize], attributes: { batch_dims: 1 } },
    );
    return graph.transpose(gathered, [0, 2, 1, 3]);
  },
});

registerOnnxKernel({
  kernelName: 'GatherNd',
  inputs: ['params', 'indices'],
  // With no coordinates, every index means the whole of the tensor: left to tfjs's kernel.
  supports: ([, indices]) => indices!.shape.at(-1) !== 0,
  infer: ([params, indices]): TensorSpec => {
    const [shape] = tf.backend_util.prepareAndValidate(
      params as unknown as tf.TensorInfo,
      indices as unknown as tf.TensorInfo,
    );
    return { shape: shape, dtype: params!.dtype };
  },
  emit: (graph, [params, indices], _, [output]) =>
    graph.node('GatherND', [params!, graph.cast(indices!, 'int64')], { shape: output!.shape }),
});

registerOnnxKernel<{ readonly shape: readonly number[] }>({
  kernelName: 'ScatterNd',
  inputs: ['indices', 'updates'],
  supports: ([, updates]) => updates!.dtype !== 'bool',
  infer: ([indices, updates], { shape }): TensorSpec => {
    checkScatter(indices!, updates!, shape);
    return { shape, dtype: updates!.dtype };
  },
  emit: (graph, [indices, updates], { shape }) =>
    emitScatter(graph, emitZeros(graph, updates!.dtype, shape), indices!, updates!, 'add'),
});

registerOnnxKernel({
  kernelName: 'TensorScatterUpdate',
  inputs: ['tensor', 'indices', 'updates'],
  infer: ([tensor, indices, updates]): TensorSpec => {
    checkScatter(indices!, updates!, tensor!.shape);
    return tensor!;
  },
  emit: (graph, [tensor, indices, updates]) => emitScatter(graph, tensor!, indices!, updates!, 'none'),
});

registerOnnxKernel<{ readonly numSegments: number }>({
  kernelName: 'UnsortedSegmentSum',
  inputs: ['x', 'segmentIds'],
  supports: ([x, segmentIds]) => segmentIds!.shape.length === 1 && x!.shape[0] === segmentIds!.shape[0],
  infer: ([x], { numSegments }): TensorSpec => ({
    shape: [numSegments, ...x!.shape.slice(1)],
    dtype: x!.dtype === 'bool' ? 'float32' : x!.dtype,
  }),
  emit: (graph, [x, segmentIds], { numSegments }, [output]) => {
    const values = graph.cast(x!, output!.dtype as ElementType);
    // Rows of ids outside the range are dropped: they go to one more segment, which is cut off.
    const zero = graph.scalar(0, 'int32');
    const last = graph.scalar(numSegments, 'int32');
    const ids = graph.cast(segmentIds!, 'int32');
    const isBelow = graph.node('Less', [ids, zero], { dtype: 'bool' });
    const inRange = graph.node('Min', [
      graph.node('Where', [isBelow, last, ids], { shape: ids.shape, dtype: 'int32' }),
      last,
    ]);
    const zeros = emitZeros(graph, values.dtype, [numSegments + 1, ...output!.shape.slice(1)]);
    const sums = emitScatter(graph, zeros, graph.reshape(inRange, [ids.shape[0]!, 1]), values, 'add');
    const bounds = [[0], [numSegments], [0]].map((bound) => graph.int64s(bound));
    return graph.node('Slice', [sums, ...bounds], { shape: output!.shape });
  },
});

interface OneHotAttributes {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype: 'float32' | 'int32' | 'bool';
}

registerOnnxKernel<OneHotAttributes>({
  kernelName: 'OneHot',
  inputs: ['indices'],
  infer: ([indices], { depth, dtype }): TensorSpec => ({ shape: [...indices!.shape, depth], dtype }),
  emit: (graph, [indices], { depth, onValue, offValue, dtype }, [output]) => {
    // Compared with 0 ... depth - 1: unlike ONNX's OneHot, an index out of range lights nothing.
    const column = graph.reshape(graph.cast(indices!, 'int32'), [...indices!.shape, 1]);
    const classes = graph.constant(
      Array.from({ length: depth }, (_, i) => i),
      'int32',
    );
    const isHot = graph.node('Equal', [column, classes], { shape: output!.shape, dtype: 'bool' });
    if (onValue === 1 && offValue === 0) return graph.cast(isHot, dtype);
    const type = dtype === 'bool' ? 'int32' : dtype;
    return graph.node('Where', [isHot, graph.scalar(onValue, type), graph.scalar(offValue, type)], {
      shape: output!.shape,
      dtype: type,
    });
  },
});

registerOnnxKernel({
  kernelName: 'Select',
  inputs: ['condition', 't', 'e'],
  infer: ([, t, e]): TensorSpec => ({ shape: t!.shape, dtype: tf.upcastType(t!.dtype, e!.dtype) }),
  emit: (graph, [condition, t, e], _, [output]) => {
    const type = output!.dtype as ElementType;
    // A condition of rank one picks whole entries of the first axis.
    const isRowwise = condition!.shape.length === 1 && t!.shape.length > 1;
    const shape = isRowwise ? [condition!.shape[0]!, ...t!.shape.slice(1).map(() => 1)] : condition!.shape;
    const mask = graph.reshape(graph.cast(condition!, 'bool'), shape);
    return graph.node('Where', [mask, graph.cast(t!, type), graph.cast(e!, type)], { shape: t!.shape, dtype: type });
  },
});

interface TopKAttributes {
  readonly k: number;
  readonly sorted: boolean;
}

registerOnnxKernel<TopKAttributes>({
  kernelName: 'TopK',
  inputs: ['x'],
  infer: ([x], { k }): TensorSpec[] => {
    const shape = [...x!.shape.slice(0, -1), k];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  emit: (graph, [x], { k }, [values]) => {
    const input = x!.dtype === 'bool' ? graph.cast(x!, 'int32') : x!;
    const outputs = [
      { shape: values!.shape, dtype: input.dtype },
      { shape: values!.shape, dtype: 'int64' as const },
    ];
    // Sorted even where tfjs doesn't ask for it: only then do equal values come in the order of their indices.
    const attributes = { axis: -1, largest: 1, sorted: 1 };
    return graph.nodeWithOutputs('TopK', [input, graph.int64s([k])], outputs, { attributes });
  },
});

function checkScatter(indices: TensorSpec, updates: TensorSpec, shape: readonly number[]): void {
  tf.backend_util.calculateShapes(updates as unknown as tf.TensorInfo, indices as unknown as tf.TensorInfo, [...shape]);
}

function emitZeros(graph: GraphBuilder, dtype: ElementType, shape: readonly number[]): Value {
  return graph.node('Expand', [graph.scalar(0, dtype), graph.int64s(shape)], { shape });
}

function emitScatter(
  graph: GraphBuilder,
  data: Value,
  indices: Value,
  updates: Value,
  reduction: 'add' | 'none',
): Value {
  // tfjs takes scalar indices, and a vector of them, for positions along the first axis.
  const coordinates = indices.shape.length < 2 ? [...indices.shape, 1] : indices.shape;
  const positions = graph.cast(graph.reshape(indices, coordinates), 'int64');
  const sliceShape = data.shape.slice(coordinates.at(-1));
  const values = graph.reshape(updates, [...coordinates.slice(0, -1), ...sliceShape]);
  return graph.node('ScatterND', [data, positions, values], { attributes: { reduction } });
}
