import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { lowerOpset, type Opset, OPSETS } from '../../src/export/lower-opset.ts';
import { GraphBuilder, type Value } from '../../src/graph/graph-builder.ts';
import { encodeModel } from '../../src/graph/model-encoder.ts';
import { emitReduce } from '../../src/kernels/reduce.ts';

/** A graph of one input x, `[2, 4]`, and what is written of it. */
function graphOf(write: (graph: GraphBuilder, x: Value) => Value): GraphBuilder {
  const graph = new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
  graph.output(write(graph, graph.input('x', 'float32', [2, 4])), 'y');
  return graph;
}

/** What ONNX Runtime makes of it, having checked every node against the operator set that the model names. */
async function run(graph: GraphBuilder, opset: Opset): Promise<number[]> {
  lowerOpset(graph, opset);
  const session = await InferenceSession.create(encodeModel(graph, { opset }));
  const x = new Tensor('float32', Float32Array.of(1, 2, 3, 4, -5, 6, 7, 8), [2, 4]);
  const { y } = await session.run({ x });
  await session.release();
  return [...(y!.data as Float32Array)];
}

describe.each(OPSETS)('lowerOpset to %d', (opset) => {
  it.each([
    ['ReduceMax', [4, 8]],
    ['ReduceMin', [1, -5]],
    ['ReduceMean', [2.5, 4]],
    ['ReduceProd', [24, -1680]],
    ['ReduceSum', [10, 16]],
    ['ReduceSumSquare', [30, 174]],
  ])('keeps %s along an axis', async (opType, expected) => {
    const graph = graphOf((builder, x) => emitReduce(builder, opType, x, [1]));
    expect(await run(graph, opset)).toEqual(expected);
  });

  it('keeps a reduction over all axes', async () => {
    const graph = graphOf((builder, x) => builder.node('ReduceMax', [x], { shape: [], attributes: { keepdims: 0 } }));
    expect(await run(graph, opset)).toEqual([8]);
  });

  it('keeps a split into equal parts', async () => {
    const graph = graphOf((builder, x) => {
      const half = { shape: [2, 2], dtype: 'float32' as const };
      return builder.nodeWithOutputs('Split', [x], [half, half], { attributes: { axis: 1, num_outputs: 2 } })[1]!;
    });
    expect(await run(graph, opset)).toEqual([3, 4, 7, 8]);
  });

  it('keeps a mean over windows', async () => {
    const graph = graphOf((builder, x) => {
      const attributes = { kernel_shape: [1, 2], strides: [1, 2], dilations: [1, 1], pads: [0, 0, 0, 0] };
      return builder.node('AveragePool', [builder.reshape(x, [1, 1, 2, 4])], { shape: [1, 1, 2, 2], attributes });
    });
    expect(await run(graph, opset)).toEqual([1.5, 3.5, 0.5, 7.5]);
  });
});

describe('lowerOpset', () => {
  it('refuses an operator that the set lacks', () => {
    const graph = graphOf((builder, x) => builder.node('Mish', [x]));
    expect(() => lowerOpset(graph, 17)).toThrow(
      'the function uses Mish, which ONNX has from opset 18 on, got opset 17',
    );
    expect(() => lowerOpset(graph, 18)).not.toThrow();
  });

  it('takes an operator of another domain for one it need not know', () => {
    const graph = graphOf((builder, x) => builder.node('Gelu', [x], { domain: 'com.microsoft' }));
    expect(() => lowerOpset(graph, 17)).not.toThrow();
  });

  it('refuses axes that are computed, and windows with gaps', () => {
    const computed = graphOf((graph, x) => graph.node('ReduceMax', [x, graph.node('Neg', [graph.int64s([-1])])]));
    expect(() => lowerOpset(computed, 17)).toThrow('the axes of ReduceMax are computed, which needs opset 18');
    const dilated = graphOf((graph, x) => graph.node('AveragePool', [x], { attributes: { dilations: [2] } }));
    expect(() => lowerOpset(dilated, 18)).toThrow('AveragePool with dilations, which needs opset 19');
  });
});
