import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { configureOnnxruntime, type OnnxruntimeBackend, type OnnxruntimeOptions } from '../../src/index.ts';

async function start(options: OnnxruntimeOptions = {}): Promise<OnnxruntimeBackend> {
  configureOnnxruntime(options);
  await tf.setBackend('onnxruntime');
  return tf.backend() as OnnxruntimeBackend;
}

let backend: OnnxruntimeBackend;

beforeEach(async () => {
  tf.env().set('IS_TEST', true);
  backend = await start();
});

describe('recording', () => {
  it('runs nothing until a value is read, and then one graph', () => {
    const y = tf.tidy(() => tf.tensor1d([1, 2, 3]).add(1).mul(2).sum());
    expect(backend.recorder.statistics.numRuns).toBe(0);
    expect(y.dataSync()[0]).toBe(18);
    expect(backend.recorder.statistics.numRuns).toBe(1);
    y.dispose();
  });

  it('computes with one read everything that somebody still holds', () => {
    const x = tf.tensor1d([1, 2]);
    const [a, b] = [x.add(1), x.mul(3)];
    expect([...a.dataSync()]).toEqual([2, 3]);
    expect([...b.dataSync()]).toEqual([3, 6]);
    expect(backend.recorder.statistics.numRuns).toBe(1);
    tf.dispose([x, a, b]);
  });

  it('computes nothing that nobody holds any more', () => {
    const x = tf.tensor1d([1, 2]);
    x.add(1).dispose();
    backend.recorder.flush();
    expect(backend.recorder.statistics.numRuns).toBe(0);
    x.dispose();
  });

  it('keeps the data of a tensor that is disposed of while a recorded kernel needs it', () => {
    const first = tf.tensor1d([1, 2]).add(1);
    first.dataSync();
    const y = first.mul(2);
    first.dispose();
    // Asks for memory of the same size, which must not be the disposed tensor's.
    const z = tf.tensor1d([9, 9]).add(0);
    expect([...y.dataSync()]).toEqual([4, 6]);
    expect([...z.dataSync()]).toEqual([9, 9]);
    tf.dispose([y, z]);
  });

  it('takes the values that a tensor was made of, not what becomes of the array', () => {
    const values = Float32Array.of(1, 2);
    const y = tf.tidy(() => tf.tensor1d(values).add(1));
    values.fill(100);
    expect([...y.dataSync()]).toEqual([2, 3]);
    y.dispose();
  });

  it('hands out copies', () => {
    const x = tf.tensor1d([1, 2]).add(0);
    x.dataSync().fill(7);
    expect([...x.dataSync()]).toEqual([1, 2]);
    x.dispose();
  });
});

/** A training step with a batch, a learning rate and a clipping bound of its own. */
async function step(weights: tf.Variable, rate: number): Promise<number> {
  const loss = tf.tidy(() => {
    const x = tf.randomNormal([4, 3]);
    const { value, grads } = tf.variableGrads(() =>
      x
        .matMul(weights as tf.Tensor2D)
        .square()
        .mean<tf.Scalar>(),
    );
    const [gradient] = Object.values(grads);
    weights.assign(weights.sub(gradient!.mul(rate).clipByValue(-rate, rate)));
    return value;
  });
  const [value] = await loss.data();
  loss.dispose();
  return value!;
}

describe('compiled graphs', () => {
  it('are compiled once for steps that differ in their numbers alone', async () => {
    const weights = tf.variable(tf.ones([3, 2]));
    for (const rate of [0.1, 0.2, 0.3, 0.4]) await step(weights, rate);
    expect(backend.recorder.statistics).toMatchObject({ numRuns: 4, numCompilations: 1 });
    weights.dispose();
  });

  it('are kept up to the bound', async () => {
    backend = await start({ cacheSize: 3 });
    for (let size = 1; size <= 5; size++) tf.tidy(() => tf.ones([size]).exp().dataSync());
    expect(backend.memory().numSessions).toBe(3);
    // The last three are still there, the first is not.
    const before = backend.recorder.statistics.numCompilations;
    tf.tidy(() => tf.ones([5]).exp().dataSync());
    expect(backend.recorder.statistics.numCompilations).toBe(before);
    tf.tidy(() => tf.ones([1]).exp().dataSync());
    expect(backend.recorder.statistics.numCompilations).toBe(before + 1);
  });

  it('differ where only the wiring differs', () => {
    const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([10, 20])];
    expect([...tf.tidy(() => a.add(1).sub(b).dataSync())]).toEqual([-8, -17]);
    expect([...tf.tidy(() => b.sub(a.add(1)).dataSync())]).toEqual([8, 17]);
    expect([...tf.tidy(() => a.add(1).sub(a).dataSync())]).toEqual([1, 1]);
    tf.dispose([a, b]);
  });

  it('differ where an intermediate result is kept', () => {
    const a = tf.tensor1d([1, 2]);
    const alone = tf.tidy(() => a.add(1).mul(2));
    expect([...alone.dataSync()]).toEqual([4, 6]);
    const kept = a.add(1);
    const result = kept.mul(2);
    expect([...result.dataSync()]).toEqual([4, 6]);
    expect([...kept.dataSync()]).toEqual([2, 3]);
    tf.dispose([a, alone, kept, result]);
  });

  it('differ where only the order of two results differs', () => {
    const a = tf.tensor1d([1, 2]);
    const difference = (isTurned: boolean): number[] =>
      tf.tidy(() => {
        const results = [a.add(10), a.mul(2)];
        const [first, second] = isTurned ? results.toReversed() : results;
        return [...first!.sub(second!).dataSync()];
      });
    expect(difference(false)).toEqual([9, 8]);
    expect(difference(true)).toEqual([-9, -8]);
    const partDifference = (isTurned: boolean): number[] =>
      tf.tidy(() => {
        const parts = tf.unstack(a);
        const [first, second] = isTurned ? parts.toReversed() : parts;
        return [...first!.sub(second!).dataSync()];
      });
    expect(partDifference(false)).toEqual([-1]);
    expect(partDifference(true)).toEqual([1]);
    a.dispose();
  });
});

describe('bounds', () => {
  it('run a graph that grows without a read', async () => {
    backend = await start({ maxPendingKernels: 50 });
    let x: tf.Tensor = tf.scalar(0);
    for (let i = 0; i < 120; i++) {
      const next = x.add(1);
      x.dispose();
      x = next;
    }
    expect(backend.recorder.statistics.numRuns).toBe(2);
    expect(x.dataSync()[0]).toBe(120);
    x.dispose();
  });

  it('run a graph that holds on to too many disposed tensors', async () => {
    backend = await start({ maxPendingBytes: 10_000 });
    const sums: tf.Tensor[] = [];
    for (let i = 0; i < 8; i++) {
      const x = tf.ones([1000]).add(i);
      x.dataSync();
      sums.push(x.sum());
      x.dispose();
    }
    sums.forEach((sum, i) => expect(sum.dataSync()[0]).toBe(1000 * (1 + i)));
    tf.dispose(sums);
  });
});

describe('memory', () => {
  it('is reused from step to step', async () => {
    const weights = tf.variable(tf.zeros([1000]));
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 10; i++) {
      tf.tidy(() => weights.assign(weights.add(1)));
      await weights.data();
      buffers.add(backend.valuesOf(backend.cell(weights.dataId)).buffer);
    }
    // The initial zeros, and two that change places.
    expect(buffers.size).toBeLessThanOrEqual(3);
    weights.dispose();
  });

  it('holds no tensors after they are disposed of', async () => {
    const before = { ...tf.memory(), numDataIds: backend.numDataIds() };
    const initial = tf.ones([4, 4]);
    const x = tf.variable(initial);
    const optimizer = tf.train.adam(0.1);
    const loss = optimizer.minimize(() => x.square().mean(), true)!;
    await loss.data();
    optimizer.dispose();
    tf.dispose([initial, x, loss]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    expect(backend.numDataIds()).toBe(before.numDataIds);
  });

  it('moves to another backend and back', async () => {
    const numTensors = tf.memory().numTensors;
    const x = tf.tidy(() => tf.tensor1d([1, 2, 3, 4]).add(1));
    await tf.setBackend('cpu');
    const y = x.mul(2);
    await tf.setBackend('onnxruntime');
    const z = x.add(y);
    expect([...z.dataSync()]).toEqual([6, 9, 12, 15]);
    tf.dispose([x, y, z]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('an error of ONNX Runtime', () => {
  it('reaches whoever reads the result, or computes with it, and nobody else', () => {
    const table = tf.tensor1d([1, 2, 3]);
    const index = tf.tidy(() => tf.tensor1d([7], 'int32').add<tf.Tensor1D>(tf.scalar(0, 'int32')));
    const gathered = table.gather(index);
    const dependent = gathered.add(1);
    const bystander = table.add(1);
    expect(() => gathered.dataSync()).toThrow(/out of data bounds|out of bounds/i);
    expect(() => gathered.dataSync()).toThrow(/out of data bounds|out of bounds/i);
    expect(() => dependent.dataSync()).toThrow(/out of data bounds|out of bounds/i);
    expect(() => gathered.mul(2)).toThrow(/out of data bounds|out of bounds/i);
    expect([...bystander.dataSync()]).toEqual([2, 3, 4]);
    expect([...index.dataSync()]).toEqual([7]);
    tf.dispose([table, index, gathered, dependent, bystander]);
  });
});
