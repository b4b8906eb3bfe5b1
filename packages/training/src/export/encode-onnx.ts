import type { ExportableFunction, ExportOptions } from '@qb-heat/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';

/** A forward pass and what it takes to trace it. */
export interface OnnxFunction extends Pick<ExportOptions, 'dynamicAxes' | 'inputTypes'> {
  readonly forward: ExportableFunction;
  /** Shapes and types of the inputs by name; of the dynamic axes any length. */
  readonly inputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly dtype: 'float32' | 'int32' | 'bool' }>
  >;
}

/** ONNX Runtime reads it since 1.12; transformers.js 2 brings 1.14. */
const OPSET = 17;

/**
 * The bytes of an ONNX model of a forward pass, with the values that its weights have now.
 *
 * It is traced on the backend `onnxruntime`, whichever the current one is. That one is current again at the end, and finds
 * its tensors as they were.
 *
 * Throws an `Error` where the function can't be traced, as `exportOnnx` does.
 */
export async function encodeOnnx({ forward, inputs, ...options }: OnnxFunction): Promise<Uint8Array> {
  const { exportOnnx } = await import('@qb-heat/tfjs-backend-onnxruntime');
  const previous = tf.getBackend();
  await tf.setBackend('onnxruntime');
  const examples = Object.entries(inputs).map(([name, { shape, dtype }]) => {
    return [name, tf.buffer([...shape], dtype).toTensor()] as const;
  });
  try {
    const all = { ...options, opset: OPSET, producerName: 'qb-heat' } as const;
    return exportOnnx(forward, Object.fromEntries(examples), all).model;
  } finally {
    for (const [, example] of examples) example.dispose();
    await tf.setBackend(previous);
  }
}
