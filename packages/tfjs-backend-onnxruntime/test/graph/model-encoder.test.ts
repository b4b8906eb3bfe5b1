import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graph-builder.ts';
import { encodeModel } from '../../src/graph/model-encoder.ts';

describe('encodeModel', () => {
  it('leaves out what no output needs', async () => {
    const graph = new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
    const x = graph.input('x', 'float32', [2]);
    const y = graph.node('Neg', [x]);
    const unused = graph.constant(new Float32Array(1000), 'float32');
    const broken = graph.node('NoSuchOperator', [unused]);
    graph.node('NoSuchOperator', [broken, y]);
    graph.output(y, 'y');
    const model = encodeModel(graph);
    expect(model.length).toBeLessThan(1000);
    const session = await InferenceSession.create(model);
    const { y: result } = await session.run({ x: new Tensor('float32', Float32Array.of(1, -2), [2]) });
    expect([...(result!.data as Float32Array)]).toEqual([-1, 2]);
  });
});
