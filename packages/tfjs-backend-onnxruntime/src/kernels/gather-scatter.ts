import * as tf from '@tensorflow/tfjs';
import { type ElementType, sizeOf } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import { emitProduct } from './matmul.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { emitReduce } from './reduce.ts';
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

/**
 * Up to here, segments are summed by a product with a matrix of ones and zeros: two operations at some 100 a nanosecond
 * for every number and segment, against some 10 ns to scatter a number.
 */
const MAX_PRODUCT_SEGMENTS = 512;
const MAX_ONE_HOT_SIZE = 2 ** 23;

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
    const ids = graph.cast(segmentIds!, 'int32');
    const numRows = ids.shape[0]!;
    if (
      values.dtype === 'float32' &&
      numSegments <= MAX_PRODUCT_SEGMENTS &&
      numRows * numSegments <= MAX_ONE_HOT_SIZE
    ) {
      const isMember = graph.cast(emitIsClass(graph, ids, numSegments), 'float32');
      const rows = graph.reshape(values, [numRows, sizeOf(values.shape.slice(1))]);
      return emitProduct(graph, isMember, rows, true, false);
    }
    // Rows of ids outside the range are dropped: they go to one more segment, which is cut off.
    const last = graph.scalar(numSegments, 'int32');
    const isBelow = graph.node('Less', [ids, graph.scalar(0, 'int32')], { dtype: 'bool' });
    const inRange = graph.node('Where', [isBelow, last, graph.node('Min', [ids, last])], {
      shape: ids.shape,
      dtype: 'int32',
    });
    const zeros = emitZeros(graph, values.dtype, [numSegments + 1, ...output!.shape.slice(1)]);
    const sums = emitScatter(graph, zeros, graph.reshape(inRange, [numRows, 1]), values, 'add');
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
    const isHot = emitIsClass(graph, graph.cast(indices!, 'int32'), depth);
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
    // ONNX Runtime chooses between numbers alone.
    const type = output!.dtype === 'bool' ? 'uint8' : (output!.dtype as ElementType);
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

/** For each index and each of 0 ... depth - 1, whether they are equal: an index out of range is equal to none. */
function emitIsClass(graph: GraphBuilder, indices: Value, depth: number): Value {
  const classes = Array.from({ length: depth }, (_, i) => i);
  return graph.node('Equal', [graph.reshape(indices, [...indices.shape, 1]), graph.constant(classes, 'int32')], {
    shape: [...indices.shape, depth],
    dtype: 'bool',
  });
}

/**
 * Writes or adds `updates` to the slices of `data` that `indices` name.
 *
 * As ScatterElements over rows, one number at a time in order: ONNX Runtime's ScatterND lets its threads add to the same
 * place at once, and loses some of what is added.
 */
function emitScatter(
  graph: GraphBuilder,
  data: Value,
  indices: Value,
  updates: Value,
  reduction: 'add' | 'none',
): Value {
  // tfjs takes scalar indices, and a vector of them, for positions along the first axis.
  const coordinates = indices.shape.length < 2 ? [...indices.shape, 1] : indices.shape;
  const numCoordinates = coordinates.at(-1)!;
  const numUpdates = sizeOf(coordinates.slice(0, -1));
  const numRows = sizeOf(data.shape.slice(0, numCoordinates));
  const rowLength = sizeOf(data.shape.slice(numCoordinates));

  let rows = graph.reshape(graph.cast(indices, 'int64'), [numUpdates, numCoordinates]);
  if (numCoordinates > 1) {
    const strides = data.shape.slice(0, numCoordinates).map((_, i) => sizeOf(data.shape.slice(i + 1, numCoordinates)));
    const offsets = graph.node('Mul', [rows, graph.int64s(strides)]);
    rows = emitReduce(graph, 'ReduceSum', offsets, [1]);
  }
  const shape = [numUpdates, rowLength];
  const places = rowLength === 1 ? rows : graph.node('Expand', [rows, graph.int64s(shape)], { shape });
  const scattered = graph.node(
    'ScatterElements',
    [graph.reshape(data, [numRows, rowLength]), places, graph.reshape(updates, shape)],
    { attributes: { axis: 0, reduction } },
  );
  return graph.reshape(scattered, data.shape);
}
