import * as tf from '@tensorflow/tfjs';
import type { OnnxruntimeBackend } from '../backend.ts';
import { runOnCpu } from '../fallback.ts';
import { type ElementType, isDenseType } from '../graph/element-type.ts';
import type { OnnxKernel, TensorSpec } from './onnx-kernel.ts';
import { BACKEND_NAME } from './register.ts';

interface CastAttributes {
  readonly dtype: tf.DataType;
}

const castKernel: OnnxKernel<CastAttributes> = {
  kernelName: 'Cast',
  inputs: ['x'],
  infer: ([x], { dtype }): TensorSpec => ({ shape: x!.shape, dtype }),
  emit: (graph, [x], { dtype }) => graph.cast(x!, dtype as ElementType),
};

tf.registerKernel({
  kernelName: 'Cast',
  backendName: BACKEND_NAME,
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x } = inputs as { x: tf.TensorInfo };
    const { dtype } = attrs as unknown as CastAttributes;
    const engine = backend as OnnxruntimeBackend;
    if (x.dtype === dtype) return engine.view(x);
    if (!isDenseType(dtype) || !isDenseType(x.dtype)) return runOnCpu(engine, 'Cast', { x }, attrs);
    return engine.runKernel(castKernel, { x }, attrs);
  },
});

interface FillAttributes {
  readonly shape: readonly number[];
  readonly value: number | string;
  readonly dtype: tf.DataType;
}

/** Whole numbers beyond this are not exact in the float32 in which scalars enter a graph. */
const MAX_EXACT = 2 ** 24;

/** 0 and 1 are everywhere and never change; other values enter the graph as inputs. */
const isBaked = (value: number): boolean => value === 0 || value === 1 || Math.abs(value) > MAX_EXACT;

const fillKernel: OnnxKernel<FillAttributes> = {
  kernelName: 'Fill',
  inputs: [],
  key: ({ shape, dtype, value }) => [shape, dtype, isBaked(value as number) ? value : null],
  scalars: ({ value }) => (isBaked(value as number) ? [] : [value as number]),
  infer: (_, { shape, dtype }): TensorSpec => ({ shape, dtype }),
  emit: (graph, [scalar], { shape, value, dtype }) => {
    const type = dtype as ElementType;
    const filling = scalar === undefined ? graph.scalar(value as number, type) : graph.cast(scalar, type);
    return shape.length === 0 ? filling : graph.node('Expand', [filling, graph.int64s(shape)], { shape });
  },
};

function fill(backend: OnnxruntimeBackend, shape: readonly number[], value: number, dtype: tf.DataType): tf.TensorInfo {
  const attributes: FillAttributes = { shape, value, dtype };
  return backend.runKernel(fillKernel, {}, attributes) as tf.TensorInfo;
}

tf.registerKernel({
  kernelName: 'Fill',
  backendName: BACKEND_NAME,
  kernelFunc: ({ attrs, backend }) => {
    const { shape, value, dtype } = attrs as unknown as FillAttributes;
    const type = dtype ?? tf.util.inferDtype(value);
    if (!isDenseType(type)) return runOnCpu(backend as OnnxruntimeBackend, 'Fill', {}, attrs);
    return fill(backend as OnnxruntimeBackend, shape, value as number, type);
  },
});

for (const [kernelName, value] of [
  ['ZerosLike', 0],
  ['OnesLike', 1],
] as const) {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    // The input's shape and type are all that is needed, so the input itself does not become part of the graph.
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x } = inputs as { x: tf.TensorInfo };
      if (!isDenseType(x.dtype)) return runOnCpu(backend as OnnxruntimeBackend, kernelName, { x }, attrs);
      return fill(backend as OnnxruntimeBackend, x.shape, value, x.dtype);
    },
  });
}
