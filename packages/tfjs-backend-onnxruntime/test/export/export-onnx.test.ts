import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ExportableFunction, exportOnnx } from '../../src/index.ts';

const DIM = 8;

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('onnxruntime');
  ortWeb.env.wasm.numThreads = 1;
});

/** A small network with what a vision transformer and a convolutional encoder have. */
function createNetwork(): { fn: ExportableFunction; dispose: () => void } {
  const variables = {
    patches: tf.variable(tf.randomNormal([4, 4, 3, DIM], 0, 0.3, 'float32', 1), true, 'export/patches'),
    depthwise: tf.variable(tf.randomNormal([3, 3, DIM, 1], 0, 0.3, 'float32', 2), true, 'export/depthwise'),
    dense: tf.variable(tf.randomNormal([3, 3, DIM, DIM], 0, 0.3, 'float32', 3), true, 'export/dense'),
    token: tf.variable(tf.randomNormal([1, 1, DIM], 0, 0.3, 'float32', 4), true, 'export/token'),
    head: tf.variable(tf.randomNormal([DIM, 300], 0, 0.3, 'float32', 5), true, 'export/head'),
  };
  const fn: ExportableFunction = ({ images }) => {
    const batch = images!.shape[0];
    const tiles = tf.conv2d(images as tf.Tensor4D, variables.patches as tf.Tensor4D, 4, 'valid');
    const local = tf.depthwiseConv2d(tiles, variables.depthwise as tf.Tensor4D, 1, 'same');
    const mixed = tf.conv2d(local.relu<tf.Tensor4D>(), variables.dense as tf.Tensor4D, 1, 'same');
    const tokens = mixed.reshape([batch, 16, DIM]);
    const all = tf.concat([variables.token.tile([batch, 1, 1]), tokens], 1);
    const scores = tf.matMul(all, all, false, true).div(Math.sqrt(DIM)).softmax();
    const attended = tf.matMul(scores, all).add(tf.zeros([batch, 17, DIM]));
    const pooled = attended.slice([0, 0, 0], [batch, 1, DIM]).reshape([batch, DIM]);
    return { features: pooled, classes: pooled.matMul(variables.head).argMax(1) };
  };
  return { fn, dispose: () => tf.dispose(Object.values(variables)) };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 4);
}

async function expectSameResults(
  session: ortNode.InferenceSession,
  Tensor: typeof ortNode.Tensor,
  fn: ExportableFunction,
  batchSize: number,
): Promise<void> {
  const images = tf.randomNormal([batchSize, 16, 16, 3], 0, 1, 'float32', batchSize);
  const expected = tf.tidy(() => fn({ images })) as Record<string, tf.Tensor>;
  const feed = new Tensor('float32', Float32Array.from(await images.data()), images.shape);
  const results = await session.run({ images: feed });
  expect(results['features']!.dims).toEqual([batchSize, DIM]);
  expectClose(results['features']!.data as Float32Array, await expected['features']!.data<'float32'>());
  expect([...(results['classes']!.data as Int32Array)]).toEqual([...(await expected['classes']!.data())]);
  tf.dispose([images, expected]);
}

describe('exportOnnx', () => {
  it('writes a model that runs in onnxruntime-node at any batch size', async () => {
    const { fn, dispose } = createNetwork();
    const example = { images: tf.zeros([2, 16, 16, 3]) };
    const { model, externalData } = exportOnnx(fn, example);
    expect(externalData).toBeNull();
    const session = await ortNode.InferenceSession.create(model);
    expect(session.inputNames).toEqual(['images']);
    expect(session.outputNames).toEqual(['features', 'classes']);
    for (const batchSize of [1, 2, 5]) await expectSameResults(session, ortNode.Tensor, fn, batchSize);
    await session.release();
    tf.dispose(example);
    dispose();
  });

  it('writes a model that runs in onnxruntime-web', async () => {
    const { fn, dispose } = createNetwork();
    const example = { images: tf.zeros([1, 16, 16, 3]) };
    const { model } = exportOnnx(fn, example);
    const session = await ortWeb.InferenceSession.create(model, { executionProviders: ['wasm'] });
    for (const batchSize of [1, 3]) await expectSameResults(session, ortWeb.Tensor, fn, batchSize);
    await session.release();
    tf.dispose(example);
    dispose();
  });

  it('puts large weights into a file of their own', async () => {
    const { fn, dispose } = createNetwork();
    const example = { images: tf.zeros([1, 16, 16, 3]) };
    const whole = exportOnnx(fn, example);
    const { model, externalData } = exportOnnx(fn, example, { externalDataName: 'model.onnx.data' });
    // The head alone is 8 x 300 x 4 bytes.
    expect(externalData!.byteLength).toBeGreaterThanOrEqual(9600);
    expect(model.byteLength).toBeLessThan(whole.model.byteLength - 9600);
    const session = await ortNode.InferenceSession.create(model, {
      externalData: [{ path: 'model.onnx.data', data: externalData! }],
    });
    await expectSameResults(session, ortNode.Tensor, fn, 4);
    await session.release();
    tf.dispose(example);
    dispose();
  });

  it('keeps the names of variables', () => {
    const { fn, dispose } = createNetwork();
    const example = { images: tf.zeros([1, 16, 16, 3]) };
    const text = Buffer.from(exportOnnx(fn, example).model).toString('latin1');
    expect(text).toContain('export/patches');
    tf.dispose(example);
    dispose();
  });

  it('fixes the lengths when asked to', async () => {
    const x = tf.zeros([2, 3]);
    const { model } = exportOnnx(({ x: input }) => input!.sum(), { x }, { batchAxis: null });
    const session = await ortNode.InferenceSession.create(model);
    const run = (rows: number) =>
      session.run({ x: new ortNode.Tensor('float32', new Float32Array(rows * 3).fill(1), [rows, 3]) });
    expect([...((await run(2))['output']!.data as Float32Array)]).toEqual([6]);
    await expect(run(3)).rejects.toThrow(/dimension/i);
    await session.release();
    x.dispose();
  });

  it('takes a function that divides by the batch size in the graph', async () => {
    const x = tf.zeros([2, 3]);
    const { model } = exportOnnx(({ x: input }) => input!.mean(0), { x });
    const session = await ortNode.InferenceSession.create(model);
    const feed = new ortNode.Tensor('float32', Float32Array.of(1, 2, 3, 3, 2, 1, 2, 2, 2), [3, 3]);
    expect([...((await session.run({ x: feed }))['output']!.data as Float32Array)]).toEqual([2, 2, 2]);
    await session.release();
    x.dispose();
  });

  it('refuses a function that reads what depends on its inputs', () => {
    const x = tf.zeros([2, 3]);
    expect(() => exportOnnx(({ x: input }) => input!.mul(input!.sum().dataSync()[0]!), { x })).toThrow(/reads a value/);
    expect(() => exportOnnx(({ x: input }) => input!.mul(input!.dataSync()[0]!), { x })).toThrow(/values of an input/);
    x.dispose();
  });

  it('refuses a function whose numbers depend on the batch size otherwise than in a line', () => {
    const x = tf.zeros([2, 3]);
    expect(() => exportOnnx(({ x: input }) => input!.div(input!.shape[0]), { x })).toThrow(/another batch size/);
    x.dispose();
  });

  it('refuses a name that the graph may use itself', () => {
    const x = tf.zeros([2, 3]);
    expect(() => exportOnnx(({ _1: input }) => input!, { _1: x })).toThrow(/names of inputs and outputs/);
    x.dispose();
  });

  it('leaves no tensor behind', () => {
    const x = tf.zeros([2, 3]);
    const before = tf.memory().numTensors;
    exportOnnx(({ x: input }) => ({ a: input!.exp(), b: input! }), { x });
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });
});
