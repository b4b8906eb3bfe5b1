import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type OnnxruntimeBackend, registerOnnxKernel } from '../src/index.ts';

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('onnxruntime');
});

describe('kernels without an ONNX form', () => {
  it('compute on what is still pending, and are computed on', () => {
    const y = tf.tidy(() => tf.tensor1d([1, 4, 9]).sqrt().cumprod().add(1));
    expect([...y.dataSync()]).toEqual([2, 3, 7]);
    y.dispose();
  });

  it('never share memory with what they were given', () => {
    const kernelName = 'TestTail';
    tf.registerKernel({
      kernelName,
      backendName: 'cpu',
      kernelFunc: ({ inputs, backend }) => {
        const { x } = inputs as { x: tf.TensorInfo };
        const cpu = backend as tf.KernelBackend & { data: tf.DataStorage<{ values: Float32Array }> };
        const tail = cpu.data.get(x.dataId).values.subarray(1);
        return { dataId: cpu.write(tail, [1], 'float32'), shape: [1], dtype: 'float32' };
      },
    });
    registerOnnxKernel({
      kernelName,
      inputs: ['x'],
      supports: () => false,
      infer: ([x]) => x!,
      emit: (_, [x]) => x!,
    });
    const backend = tf.backend() as OnnxruntimeBackend;
    const x = tf.tensor1d([1, 2]);
    const tail = tf.engine().runKernel<tf.Tensor>(kernelName, { x });
    expect([...tail.dataSync()]).toEqual([2]);
    const [source, result] = [x, tail].map(({ dataId }) => backend.cell(dataId).values!.buffer);
    expect(result).not.toBe(source);
    tf.dispose([x, tail]);
    for (const name of ['cpu', 'onnxruntime']) tf.unregisterKernel(kernelName, name);
  });

  it('take strings', () => {
    const words = tf.tensor1d(['one', 'two', 'three']);
    expect(tf.tidy(() => words.slice(1, 2).dataSync())).toEqual(['two', 'three']);
    words.dispose();
  });

  it('take complex numbers, whose parts are views', () => {
    const numBefore = tf.memory().numTensors;
    const signal = tf.tidy(() => tf.complex(tf.tensor1d([1, 0, 0, 0]).add(0), tf.zeros([4])));
    const spectrum = tf.spectral.fft(signal);
    expect([...tf.tidy(() => tf.real(spectrum).mul(2).dataSync())]).toEqual([2, 2, 2, 2]);
    tf.dispose([signal, spectrum]);
    expect(tf.memory().numTensors).toBe(numBefore);
  });

  it('exist for everything that the cpu backend can do', () => {
    const names = new Set(tf.getKernelsForBackend('onnxruntime').map(({ kernelName }) => kernelName));
    const missing = tf.getKernelsForBackend('cpu').filter(({ kernelName }) => !names.has(kernelName));
    expect(missing).toEqual([]);
  });
});
