import { createRequire } from 'node:module';

/** The version of ONNX Runtime that runs the graphs. */
export const onnxruntimeVersion = (
  createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
).version;
