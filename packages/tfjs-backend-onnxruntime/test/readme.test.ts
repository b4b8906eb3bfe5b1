import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { registerOnnxKernel } from '../src/index.ts';

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
});

it("runs the README's example of a kernel, which compiles once for every alpha", () => {
  registerOnnxKernel<{ alpha: number }>({
    kernelName: 'ScaledTanh',
    inputs: ['x'],
    scalars: ({ alpha }) => [alpha],
    key: () => null,
    infer: ([x]) => x!,
    emit: (graph, [x, alpha]) => graph.node('Mul', [graph.node('Tanh', [x!]), alpha!]),
  });
  const { statistics } = (tf.backend() as unknown as { recorder: { statistics: { numCompilations: number } } })
    .recorder;
  for (const alpha of [0.5, 2]) {
    const y = tf.tidy(() => tf.engine().runKernel<tf.Tensor>('ScaledTanh', { x: tf.scalar(1) }, { alpha }));
    expect(y.dataSync()[0]).toBeCloseTo(alpha * Math.tanh(1), 6);
    y.dispose();
  }
  expect(statistics.numCompilations).toBe(1);
});
