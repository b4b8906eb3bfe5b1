import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { attention, gelu, groupNorm, layerNorm, linear, mlp } from '../../src/fused/index.ts';
import { exportOnnx } from '../../src/index.ts';
import { expectClose, uniformNumbers, useBackend } from './check-operation.ts';

function weight(...shape: number[]): tf.Tensor {
  return tf.tensor(Float32Array.from(uniformNumbers(tf.util.sizeFromShape(shape), shape.length)), shape);
}

/** Every fused operation of a forward pass: `[batch, 3, 4]` → `[batch, 3, 1, 4]`. */
function forward(x: tf.Tensor): tf.Tensor {
  const normed = layerNorm(x as tf.Tensor3D, weight(4), weight(4));
  const attended = attention(linear(normed, weight(4, 4), weight(4)) as tf.Tensor3D, normed, normed, { numHeads: 2 });
  const parameters = { expandWeight: weight(4, 6), expandBias: weight(6), contractWeight: weight(6, 4) };
  const expanded = mlp(gelu(attended), { ...parameters, contractBias: weight(4) });
  return groupNorm(expanded.expandDims<tf.Tensor4D>(2), weight(4), weight(4), 2);
}

function input(batch: number): tf.Tensor {
  return weight(batch, 3, 4);
}

describe('a function of fused operations', () => {
  it('exports to standard operators, and its model works for other batch sizes', async () => {
    await useBackend('onnxruntime');
    const { model } = exportOnnx(({ x }) => forward(x!), { x: input(2) });
    expect(Buffer.from(model).includes('FusedMatMul')).toBe(false);
    const session = await InferenceSession.create(model);
    const [inputName, outputName] = [session.inputNames[0]!, session.outputNames[0]!];
    await useBackend('cpu');
    for (const batch of [1, 5]) {
      const values = (await input(batch).data()) as Float32Array;
      const results = await session.run({ [inputName]: new Tensor('float32', values, [batch, 3, 4]) });
      const exported = results[outputName]!;
      expect(exported.dims).toEqual([batch, 3, 1, 4]);
      await expectClose(forward(input(batch)), exported.data as Float32Array, 1e-4);
    }
  });
});
