import * as tf from '@tensorflow/tfjs';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { OnnxruntimeBackend } from './backend.ts';
import type { Cell } from './recorder/cell.ts';

type KernelInput = tf.TensorInfo | readonly tf.TensorInfo[] | undefined | null;
type KernelInputs = Readonly<Record<string, KernelInput>> | readonly tf.TensorInfo[];

const announced = new Set<string>();

/**
 * Computes a kernel with tfjs's CPU kernels: reads the inputs, which runs what they wait for, and adopts the outputs.
 * No value is copied.
 */
export function runOnCpu(
  backend: OnnxruntimeBackend,
  kernelName: string,
  inputs: KernelInputs,
  attributes: unknown,
): tf.TensorInfo | tf.TensorInfo[] {
  const kernel = tf.getKernel(kernelName, 'cpu');
  const cpu = tf.findBackend('cpu') as MathBackendCPU | null;
  if (kernel === undefined || kernel === null || cpu === null) {
    throw new Error(`onnxruntime: ${kernelName} has no ONNX form for these inputs, and no CPU kernel to fall back on`);
  }
  announce(backend, kernelName);

  const lent = new Map<tf.DataId, Cell>();
  const lend = (tensor: tf.TensorInfo): tf.TensorInfo => {
    const cell = backend.cell(tensor.dataId);
    const copy = lendToCpu(backend, cpu, cell, tensor.shape);
    lent.set(copy.dataId, cell);
    // A few of the CPU kernels expect a Tensor, and ask for its rank.
    return { ...copy, dtype: tensor.dtype, rank: tensor.shape.length } as tf.TensorInfo;
  };
  const returned = kernel.kernelFunc({
    inputs: mapInputs(inputs, lend) as tf.NamedTensorInfoMap,
    attrs: attributes as tf.NamedAttrMap,
    backend: cpu,
  });
  const results = Array.isArray(returned)
    ? returned.map((output) => takeBack(backend, cpu, output, lent))
    : takeBack(backend, cpu, returned, lent);
  for (const dataId of lent.keys()) while (!cpu.disposeData(dataId)) continue;
  return results;
}

function announce(backend: OnnxruntimeBackend, kernelName: string): void {
  if (backend.options.debugLog === null || announced.has(kernelName)) return;
  announced.add(kernelName);
  backend.options.debugLog(`onnxruntime: ${kernelName} runs on tfjs's CPU kernel`);
}

function mapInputs(inputs: KernelInputs, lend: (tensor: tf.TensorInfo) => tf.TensorInfo): unknown {
  const map = (input: KernelInput): unknown => {
    if (input === undefined || input === null) return input;
    return Array.isArray(input) ? input.map((tensor) => lend(tensor)) : lend(input as tf.TensorInfo);
  };
  if (Array.isArray(inputs)) return inputs.map((input) => map(input));
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, map(input)]));
}

function lendToCpu(backend: OnnxruntimeBackend, cpu: MathBackendCPU, cell: Cell, shape: number[]): tf.TensorInfo {
  if (cell.parts !== null) {
    const complex = cpu.makeTensorInfo(shape, 'complex64');
    Object.assign(cpu.data.get(complex.dataId), {
      complexTensorInfos: {
        real: lendToCpu(backend, cpu, cell.parts.real, shape),
        imag: lendToCpu(backend, cpu, cell.parts.imag, shape),
      },
    });
    return complex;
  }
  return cpu.makeTensorInfo(shape, cell.dtype, cell.strings ?? backend.valuesOf(cell));
}

function takeBack(
  backend: OnnxruntimeBackend,
  cpu: MathBackendCPU,
  output: tf.TensorInfo,
  lent: ReadonlyMap<tf.DataId, Cell>,
): tf.TensorInfo {
  const { dataId, shape, dtype } = output;
  const source = lent.get(dataId);
  if (source !== undefined && source.dtype === dtype) return backend.view({ dataId: source, shape, dtype });
  const { values, complexTensorInfos } = cpu.data.get(dataId);
  let result: tf.TensorInfo;
  if (complexTensorInfos === undefined) {
    result = backend.adopt(unshared(values!, lent), shape, dtype);
  } else {
    const { real, imag } = complexTensorInfos;
    const [realPart, imagPart] = [real, imag].map((part) =>
      backend.adopt(unshared(cpu.data.get(part.dataId).values!, lent), shape, 'float32'),
    );
    result = backend.joinComplex(realPart!, imagPart!);
  }
  cpu.disposeData(dataId, true);
  return result;
}

/** CPU kernels may hand on an input's memory, or a part of it, as their output; two cells must not share any. */
function unshared(
  values: tf.backend_util.BackendValues,
  lent: ReadonlyMap<tf.DataId, Cell>,
): tf.backend_util.BackendValues {
  if (Array.isArray(values)) return values;
  for (const cell of lent.values()) {
    const isShared = [cell, cell.parts?.real, cell.parts?.imag].some((part) => part?.values?.buffer === values.buffer);
    if (isShared) return values.slice();
  }
  return values;
}
