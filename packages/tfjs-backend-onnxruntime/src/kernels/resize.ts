import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: readonly [number, number];
}

/** Source position and weight pairs, one list for each place of the result along one axis. */
type Sampling = readonly (readonly (readonly [position: number, weight: number])[])[];

type Sampler = (inLength: number, outLength: number, attributes: Omit<ResizeAttributes, 'size'>) => Sampling;

const bilinear: Sampler = (inLength, outLength, { alignCorners, halfPixelCenters }) => {
  const step = stepLength(inLength, outLength, alignCorners);
  return Array.from({ length: outLength }, (_, i) => {
    const position = Math.max(0, halfPixelCenters ? step * (i + 0.5) - 0.5 : step * i);
    const first = Math.min(inLength - 1, Math.floor(position));
    const fraction = position - first;
    const second = Math.min(inLength - 1, Math.ceil(position));
    return [[first, 1 - fraction] as const, [second, fraction] as const];
  });
};

const nearest: Sampler = (inLength, outLength, { alignCorners, halfPixelCenters }) => {
  const step = stepLength(inLength, outLength, alignCorners);
  return Array.from({ length: outLength }, (_, i) => {
    const position = halfPixelCenters ? step * (i + 0.5) : step * i;
    const place = Math.min(inLength - 1, alignCorners ? Math.round(position) : Math.floor(position));
    return [[Math.max(0, place), 1] as const];
  });
};

const RESIZES = [
  ['ResizeBilinear', bilinear],
  ['ResizeNearestNeighbor', nearest],
] as const;

for (const [kernelName, sampler] of RESIZES) {
  registerOnnxKernel<ResizeAttributes>({
    kernelName,
    inputs: ['images'],
    infer: ([images], { size }): TensorSpec => ({
      shape: [images!.shape[0]!, ...size, images!.shape[3]!],
      dtype: kernelName === 'ResizeBilinear' ? 'float32' : images!.dtype,
    }),
    emit: (graph, [images], attributes) => {
      const matrix = (axis: 0 | 1): Value => {
        const inLength = images!.shape[axis + 1]!;
        return samplingMatrix(graph, sampler(inLength, attributes.size[axis], attributes), inLength);
      };
      return emitResize(graph, graph.cast(images!, 'float32'), [matrix(0), matrix(1)]);
    },
  });
  registerOnnxKernel<Omit<ResizeAttributes, 'size'>>({
    kernelName: `${kernelName}Grad`,
    inputs: ['images', 'dy'],
    infer: ([images]): TensorSpec => ({ shape: images!.shape, dtype: 'float32' }),
    emit: (graph, [images, dy], attributes) => {
      const transposed = (axis: 1 | 2): Value => {
        const inLength = images!.shape[axis]!;
        const matrix = samplingMatrix(graph, sampler(inLength, dy!.shape[axis]!, attributes), inLength);
        return graph.transpose(matrix, [1, 0]);
      };
      return emitResize(graph, graph.cast(dy!, 'float32'), [transposed(1), transposed(2)]);
    },
  });
}

/**
 * Resizing is linear along each axis, so it is a product with one small matrix for the height and one for the width;
 * its gradient is the product with their transposes.
 * `rows` is [outHeight, height], `columns` [outWidth, width]; `x` [batch, height, width, channels].
 */
function emitResize(graph: GraphBuilder, x: Value, [rows, columns]: readonly [Value, Value]): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const outHeight = rows.shape[0]!;
  const outWidth = columns.shape[0]!;
  const tall = graph.node('MatMul', [rows, graph.reshape(x, [batch, height, width * channels])], {
    shape: [batch, outHeight, width * channels],
  });
  const wide = graph.node('MatMul', [columns, graph.reshape(tall, [batch * outHeight, width, channels])], {
    shape: [batch * outHeight, outWidth, channels],
  });
  return graph.reshape(wide, [batch, outHeight, outWidth, channels]);
}

/** [outLength, inLength]: row by row, what a place of the result takes from the source. */
function samplingMatrix(graph: GraphBuilder, sampling: Sampling, inLength: number): Value {
  const matrix = Array<number>(sampling.length * inLength).fill(0);
  for (const [place, sources] of sampling.entries()) {
    for (const [position, weight] of sources) matrix[place * inLength + position]! += weight;
  }
  return graph.constant(matrix, 'float32', [sampling.length, inLength]);
}

function stepLength(inLength: number, outLength: number, alignCorners: boolean): number {
  return alignCorners && outLength > 1 ? (inLength - 1) / (outLength - 1) : inLength / outLength;
}
