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

  it('fixes all lengths when no axis is dynamic', async () => {
    const x = tf.zeros([2, 3]);
    const { model } = exportOnnx(({ x: input }) => input!.sum(), { x }, { dynamicAxes: {} });
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

  it('refuses a function that makes other values or takes other steps for another batch size', () => {
    const x = tf.zeros([2, 3]);
    expect(() => exportOnnx(({ x: input }) => input!.div(input!.shape[0]), { x })).toThrow(
      /makes other values for other lengths of batch .* leave the axis out of dynamicAxes/,
    );
    expect(() => exportOnnx(({ x: input }) => (input!.size > 4000 ? input!.neg() : input!.abs()), { x })).toThrow(
      /takes other steps for other lengths of batch/,
    );
    x.dispose();
  });

  it('refuses a length that is divided and rounded', () => {
    const x = tf.zeros([2, 64, 3]);
    const sequence = { dynamicAxes: { sequence: 1 } };
    expect(() =>
      exportOnnx(({ x: input }) => tf.conv1d(input as tf.Tensor3D, tf.ones([1, 3, 2]), 16, 'valid'), { x }, sequence),
    ).toThrow(/a length .* where sequence is 1009, 1511, 2003: that is not linear in whole numbers/);
    x.dispose();
  });

  it('leaves several axes open', async () => {
    const table = tf.variable(tf.randomNormal([50, DIM], 0, 1, 'float32', 7), true, 'export/table');
    const fn: ExportableFunction = ({ ids }) => {
      const [batch, length] = ids!.shape as [number, number];
      const places = tf.cumsum(tf.ones([1, length], 'int32'), 1, true);
      const tokens = tf.gather(table, ids!).add(tf.gather(table, places));
      const scores = tf.matMul(tokens, tokens, false, true).softmax();
      const mixed = tf
        .matMul(scores, tokens)
        .reshape([batch * length, DIM])
        .relu()
        .reshape([batch, length, DIM]);
      return { mixed, ends: mixed.slice([0, length - 1, 0], [batch, 1, DIM]), flat: mixed.reshape([-1]) };
    };
    const example = { ids: tf.zeros([2, 5], 'int32') };
    const options = { dynamicAxes: { batch: 0, sequence: 1 }, inputTypes: { ids: 'int64' }, opset: 17 } as const;
    const { model } = exportOnnx(fn, example, options);
    const session = await ortNode.InferenceSession.create(model);
    expect(session.inputMetadata[0]).toMatchObject({ type: 'int64', shape: ['batch', 'sequence'] });
    expect(session.outputMetadata.map((output) => 'shape' in output && output.shape)).toEqual([
      ['batch', 'sequence', DIM],
      ['batch', 1, DIM],
      [`${DIM}*batch*sequence`],
    ]);
    for (const [batch, length] of [
      [1, 1],
      [3, 7],
      [4, 50],
    ] as const) {
      const ids = Int32Array.from({ length: batch * length }, (_, i) => (i * i) % 50);
      const feed = new ortNode.Tensor('int64', BigInt64Array.from(ids, BigInt), [batch, length]);
      const results = await session.run({ ids: feed });
      const expected = tf.tidy(() => fn({ ids: tf.tensor2d(ids, [batch, length], 'int32') })) as Record<
        string,
        tf.Tensor
      >;
      for (const [name, tensor] of Object.entries(expected)) {
        expect(results[name]!.dims).toEqual(tensor.shape);
        expectClose(results[name]!.data as Float32Array, await tensor.data<'float32'>());
      }
      tf.dispose(expected);
    }
    await session.release();
    tf.dispose([example.ids, table]);
  });

  it('writes for an older operator set', async () => {
    const { fn, dispose } = createNetwork();
    const example = { images: tf.zeros([2, 16, 16, 3]) };
    const { model } = exportOnnx(fn, example, { opset: 17 });
    // The first field is the version of the format, the last the operator sets: domain '' at version 17.
    expect([...model.subarray(0, 2)]).toEqual([0x08, 8]);
    expect(Buffer.from(model).includes(Buffer.of(0x10, 17))).toBe(true);
    const session = await ortNode.InferenceSession.create(model);
    await expectSameResults(session, ortNode.Tensor, fn, 3);
    await session.release();
    tf.dispose(example);
    dispose();
  });

  it.each([
    [{ opset: 16 as 17 }, 'opset must be one of 17, 18, 19, 20, 21, got 16'],
    [{ dynamicAxes: { batch: 2 } }, 'x has no axis 2 to be batch, its shape is [2, 3]'],
    [{ dynamicAxes: { batch: 0, rows: 0 } }, 'must give each name an axis of its own from 0 on, got rows: 0'],
    [{ dynamicAxes: { batch: -1 } }, 'must give each name an axis of its own from 0 on, got batch: -1'],
    [{ dynamicAxes: { 'a b': 0 } }, "a name in dynamicAxes must be letters, digits and underscores, got 'a b'"],
    [{ dynamicAxes: { a: 0, b: 1, c: 2, d: 3 } }, 'dynamicAxes may name 3 axes at most, got 4'],
    [{ inputTypes: { y: 'int64' as const } }, 'inputTypes names y, which is no input; those are x'],
  ])('refuses %j', (options, message) => {
    const x = tf.zeros([2, 3]);
    expect(() => exportOnnx(({ x: input }) => input!.abs(), { x }, options)).toThrow(message);
    x.dispose();
  });

  it('refuses other backends', async () => {
    await tf.setBackend('cpu');
    expect(() => exportOnnx(({ x }) => x!, {})).toThrow('the backend must be onnxruntime, got cpu');
    await tf.setBackend('onnxruntime');
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
