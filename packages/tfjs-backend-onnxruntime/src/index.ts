import * as tf from '@tensorflow/tfjs';
import { OnnxruntimeBackend } from './backend.ts';
import './kernels/index.ts';
import { BACKEND_NAME } from './kernels/register.ts';
import { registerRemainingKernels } from './kernels/remaining.ts';
import { chooseDevice } from './runtime/device.ts';
import { type OnnxruntimeOptions, type ResolvedOptions, resolveOptions } from './options.ts';

export type { OnnxruntimeBackend, OnnxruntimeMemory } from './backend.ts';
export { type ExportedModel, exportOnnx, type ExportOptions } from './export/export-onnx.ts';
export type { ExportableFunction } from './export/trace.ts';
export type { Attribute, Attributes, GraphBuilder, Value } from './graph/graph-builder.ts';
export type { OnnxKernel, TensorSpec } from './kernels/onnx-kernel.ts';
export { registerOnnxKernel } from './kernels/register.ts';
export type { ExecutionProvider, OnnxruntimeOptions } from './options.ts';
export { onnxruntimeVersion } from './runtime/version.ts';

let options: ResolvedOptions = resolveOptions({});

/**
 * Sets the options of the backend `onnxruntime`. Called before the backend is first used, or again to start afresh: a
 * backend that stands is then removed, with every tensor on it.
 *
 * @throws RangeError for a value that an option can't have.
 */
export function configureOnnxruntime(changes: OnnxruntimeOptions): void {
  options = resolveOptions(changes);
  tf.removeBackend(BACKEND_NAME);
  register();
}

function register(): void {
  tf.registerBackend(BACKEND_NAME, () => new OnnxruntimeBackend(options, chooseDevice(options)), 2);
}

registerRemainingKernels();
register();
