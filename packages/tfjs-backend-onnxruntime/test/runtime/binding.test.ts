import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graph-builder.ts';
import { encodeModel } from '../../src/graph/model-encoder.ts';
import { COPY_STOPPER, NativeSession } from '../../src/runtime/binding.ts';

function negation(): { session: NativeSession; output: string } {
  const graph = new GraphBuilder({ hasRuntimeOperators: true, channelBlock: null });
  const x = graph.input('x', 'float32', [3]);
  const output = graph.output(graph.node('Neg', [x])).name;
  return { session: new NativeSession(encodeModel(graph, { sequenceOutput: COPY_STOPPER }), {}), output };
}

describe('NativeSession', () => {
  it('writes the results into the arrays that it is given', () => {
    const { session, output } = negation();
    const values = new Float32Array(3);
    for (const x of [1, 2]) {
      session.run(
        { x: new Tensor('float32', Float32Array.of(x, 0, -x), [3]) },
        { [output]: new Tensor('float32', values, [3]) },
      );
      expect([...values]).toEqual([-x, -0, x]);
    }
    session.dispose();
  });

  it('throws what ONNX Runtime reports', () => {
    const { session, output } = negation();
    const fetches = { [output]: new Tensor('float32', new Float32Array(3), [3]) };
    expect(() => session.run({ x: new Tensor('float32', new Float32Array(4), [4]) }, fetches)).toThrow(/dimension/i);
    session.dispose();
  });
});
