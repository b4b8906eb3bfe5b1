import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graph-builder.ts';
import { measureWorkspace } from '../../src/graph/workspace.ts';

function createGraph(): GraphBuilder {
  return new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
}

describe('measureWorkspace', () => {
  it('counts values until their last use, and not those of the input and the result', () => {
    const graph = createGraph();
    const x = graph.input('x', 'float32', [10]);
    const a = graph.node('Exp', [x]); // 40 bytes
    const b = graph.node('Concat', [a, a], { shape: [20], attributes: { axis: 0 } }); // 80 bytes, a still held
    const c = graph.node('Cast', [b], { dtype: 'float64', attributes: { to: 11 } }); // 160 bytes, b still held
    graph.output(graph.node('ReduceSum', [c], { shape: [1] }));
    expect(measureWorkspace(graph)).toBe(80 + 160);
  });

  it('holds what is used again later', () => {
    const graph = createGraph();
    const a = graph.node('Exp', [graph.input('x', 'float32', [10])]);
    const b = graph.node('Neg', [graph.node('Neg', [a])]);
    graph.output(graph.node('Add', [a, b]));
    // a, and the two negations.
    expect(measureWorkspace(graph)).toBe(120);
  });

  it('takes a reshaped value for the value itself, and holds it as long', () => {
    const graph = createGraph();
    const a = graph.node('Exp', [graph.input('x', 'float32', [2, 5])]);
    const b = graph.node('Neg', [graph.reshape(a, [10])]);
    const c = graph.node('Neg', [b]);
    graph.output(graph.node('Add', [graph.reshape(c, [2, 5]), a]));
    expect(measureWorkspace(graph)).toBe(120);
  });

  it('counts no result, also where it is read further on or handed out in another shape', () => {
    const graph = createGraph();
    const a = graph.node('Exp', [graph.input('x', 'float32', [10])]);
    graph.output(a);
    graph.output(graph.reshape(graph.node('Neg', [a]), [2, 5]));
    expect(measureWorkspace(graph)).toBe(0);
  });
});
